//===- Error.h - Why the last call failed -----------------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RUNTIME_ERROR_H
#define POSENC_LIB_RUNTIME_ERROR_H

#include "posenc/Runtime/Runtime.h"

#include <exception>
#include <initializer_list>
#include <new>
#include <string>

namespace posenc::runtime {

/// Keeps the message for posenc_last_error on this thread and returns the status.
posenc_status fail(posenc_status status, const std::string &message) noexcept;

/// The same for a text that needs no memory.
posenc_status failStatic(posenc_status status, const char *message) noexcept;

/// Runs the body of a function of the C API: no exception leaves it.
template <class Body> posenc_status guarded(Body &&body) noexcept {
  try {
    return body();
  } catch (const std::bad_alloc &) {
    return failStatic(POSENC_ERROR_OUT_OF_MEMORY, "out of host memory");
  } catch (const std::exception &error) {
    return fail(POSENC_ERROR_INVALID, error.what());
  } catch (...) {
    return failStatic(POSENC_ERROR_INVALID, "an exception of an unknown type");
  }
}

/// A pointer of the caller's, and what it should point to.
struct Needed {
  const void *pointer;
  const char *what;
};

/// Says which one is null if one is.
posenc_status checkPointers(std::initializer_list<Needed> pointers) noexcept;

/// The same, once the pointers that must not be null are not.
template <class Body>
posenc_status guarded(std::initializer_list<Needed> pointers, Body &&body) noexcept {
  posenc_status status = checkPointers(pointers);
  return status ? status : guarded(static_cast<Body &&>(body));
}

} // namespace posenc::runtime

#endif // POSENC_LIB_RUNTIME_ERROR_H
