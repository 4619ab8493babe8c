//===- Error.cpp - Why the last call failed -------------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Error.h"

using namespace posenc::runtime;

static thread_local std::string lastMessage;
/// Instead of lastMessage if not null.
static thread_local const char *lastStatic = "no error";

posenc_status posenc::runtime::fail(posenc_status status, const std::string &message) noexcept {
  try {
    // The message may be the one that is there already.
    std::string copy = message;
    lastMessage.swap(copy);
    lastStatic = nullptr;
  } catch (...) {
    lastStatic = "out of host memory, also for an error's message";
  }
  return status;
}

posenc_status posenc::runtime::failStatic(posenc_status status, const char *message) noexcept {
  lastStatic = message;
  return status;
}

posenc_status posenc::runtime::checkPointers(std::initializer_list<Needed> pointers) noexcept {
  for (const Needed &needed : pointers)
    if (!needed.pointer)
      return guarded([&] {
        return fail(POSENC_ERROR_INVALID,
                    std::string("expected ") + needed.what + " but got null");
      });
  return POSENC_OK;
}

const char *posenc_last_error(void) { return lastStatic ? lastStatic : lastMessage.c_str(); }

const char *posenc_runtime_version(void) { return POSENC_RUNTIME_VERSION; }
