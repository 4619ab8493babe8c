//===- Operands.h - Reading a site's attributes and signature ------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RUNTIME_EMULATOR_INSTRUCTIONS_OPERANDS_H
#define POSENC_LIB_RUNTIME_EMULATOR_INSTRUCTIONS_OPERANDS_H

#include "posenc/Runtime/Emulator/Instruction.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace posenc::emulator {

/// An attribute of the op, or empty. Group::attribute, where there is no group.
std::string_view attribute(const posenc_emu_site &site, std::string_view name);

/// The case of an enumeration: `bfly` of `#nvvm<shfl_kind bfly>`, `row` of
/// `#nvvm.mma_layout<row>`.
std::string_view keyword(std::string_view attribute);

/// `16` of `16 : i32`; or `otherwise` of nothing.
int64_t integer(std::string_view attribute, int64_t otherwise = 0);

/// Parameter `name` of `#nvvm.shape<m = 16, n = 8, k = 16>`, or −1.
int64_t parameter(std::string_view attribute, std::string_view name);

/// `true` or `unit`.
bool isSet(std::string_view attribute);

unsigned operandCount(const posenc_emu_site &site);
/// Scalars of all results.
unsigned resultCount(const posenc_emu_site &site);
/// Type of result `result`, a struct's fields counted one by one; or empty.
std::string_view resultType(const posenc_emu_site &site, unsigned result);

/// An address in a report: 0x7f….
std::string hex(uint64_t value);

} // namespace posenc::emulator

#endif // POSENC_LIB_RUNTIME_EMULATOR_INSTRUCTIONS_OPERANDS_H
