//===- PackageFeatures.cpp - What this CPU has ----------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PackageFeatures.h"

bool posenc::runtime::cpuHasFeature(const std::string &name) {
#ifdef __x86_64__
#define POSENC_ASK(NAME)                                                                       \
  if (name == NAME)                                                                            \
    return __builtin_cpu_supports(NAME);
  POSENC_FOR_EACH_CPU_FEATURE(POSENC_ASK)
#undef POSENC_ASK
#endif
  return false;
}
