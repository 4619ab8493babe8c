//===- Chip.h - Which code runs on an NVIDIA device -------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RUNTIME_CUDA_CHIP_H
#define POSENC_LIB_RUNTIME_CUDA_CHIP_H

#include <cstdint>
#include <string>

namespace posenc::runtime {

/// The chip that a compiler should name for a compute capability: sm_89, and from 9.0
/// on with the instructions that only this chip has: sm_90a.
std::string getNVIDIAChip(int major, int minor);

/// posenc_backend::rank for code compiled for `chip` in `format` (ptx, cubin).
/// A cubin runs on its major version from its minor version on, PTX on everything from
/// its chip on, and code for a chip with 'a' on that chip alone.
uint32_t rankNVIDIA(int major, int minor, const char *chip, const char *format);

} // namespace posenc::runtime

#endif // POSENC_LIB_RUNTIME_CUDA_CHIP_H
