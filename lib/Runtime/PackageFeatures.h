//===- PackageFeatures.h - What code may ask of a CPU -----------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// The features of x86-64 beyond its baseline whose instructions a compiler may use
// without being asked. The writer of a package notes which of them its code may use, and
// the runtime looks whether they are there.
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RUNTIME_PACKAGEFEATURES_H
#define POSENC_LIB_RUNTIME_PACKAGEFEATURES_H

#include <string>

// clang-format off
#define POSENC_FOR_EACH_CPU_FEATURE(F) \
  F("sse3") F("ssse3") F("sse4.1") F("sse4.2") F("sse4a") F("popcnt") F("lzcnt") \
  F("movbe") F("avx") F("avx2") F("fma") F("fma4") F("xop") F("tbm") F("bmi") \
  F("bmi2") F("f16c") F("gfni") F("vpclmulqdq") F("avx512f") F("avx512bw") \
  F("avx512cd") F("avx512dq") F("avx512vl") F("avx512ifma") F("avx512vbmi") \
  F("avx512vbmi2") F("avx512vnni") F("avx512bitalg") F("avx512vpopcntdq") \
  F("avx512bf16") F("avx512fp16") F("avx512vp2intersect") F("avxvnni")
// clang-format on

namespace posenc::runtime {

/// Whether a package notes the feature; others have no instructions that count.
inline bool isNotedFeature(const std::string &name) {
#define POSENC_MATCH(NAME)                                                                     \
  if (name == NAME)                                                                            \
    return true;
  POSENC_FOR_EACH_CPU_FEATURE(POSENC_MATCH)
#undef POSENC_MATCH
  return false;
}

/// Whether this machine's CPU and system have the feature; false for an unknown name.
bool cpuHasFeature(const std::string &name);

} // namespace posenc::runtime

#endif // POSENC_LIB_RUNTIME_PACKAGEFEATURES_H
