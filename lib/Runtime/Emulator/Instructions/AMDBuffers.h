//===- AMDBuffers.h - Buffer resources ------------------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RUNTIME_EMULATOR_INSTRUCTIONS_AMDBUFFERS_H
#define POSENC_LIB_RUNTIME_EMULATOR_INSTRUCTIONS_AMDBUFFERS_H

#include "posenc/Runtime/Emulator/Instruction.h"

namespace posenc::emulator {

/// A range of memory that loads and stores outside of do nothing to. Bytes count, so
/// that a resource with a stride is none.
struct BufferResource {
  char *base;
  uint64_t records; ///< bytes

  /// Whether the unit of an access that begins there is in range.
  bool contains(uint64_t offset) const { return offset < records; }
};

/// One access through a resource.
struct BufferAccess {
  BufferResource resource;
  uint64_t offset; ///< in bytes, soffset included

  char *address(uint64_t byte = 0) const { return resource.base + offset + byte; }
  bool contains(uint64_t byte = 0) const { return resource.contains(offset + byte); }
};

/// Reads an access whose resource is operand `resource`, followed by offset and soffset
/// from operand `offsets` on. False: reported.
bool readBufferAccess(Group &group, unsigned lane, unsigned resource, unsigned offsets,
                      int64_t immediateOffset, int64_t aux, BufferAccess &access);

} // namespace posenc::emulator

#endif // POSENC_LIB_RUNTIME_EMULATOR_INSTRUCTIONS_AMDBUFFERS_H
