//===- CPUTarget.cpp - What a kernel has to know of a processor -----------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Codegen/CPU/CPUTarget.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/TargetParser/AArch64TargetParser.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"
#include "llvm/TargetParser/X86TargetParser.h"

using namespace mlir;
using namespace mlir::posenc;

/// Every AArch64 has Advanced SIMD; longer SVE vectors have no fixed size.
static constexpr CPUTarget kAArch64 = {128, 32};

static CPUTarget getX86(function_ref<bool(StringRef)> hasFeature) {
  if (hasFeature("avx512f"))
    return {512, 32};
  return {hasFeature("avx") ? 256 : 128, 16};
}

FailureOr<CPUTarget> CPUTarget::get(StringRef chip) {
  if (chip == "host") {
    if (llvm::Triple(llvm::sys::getProcessTriple()).isAArch64())
      return kAArch64;
    llvm::StringMap<bool> features = llvm::sys::getHostCPUFeatures();
    return getX86([&](StringRef feature) { return features.lookup(feature); });
  }
  if (llvm::X86::parseArchX86(chip) != llvm::X86::CK_None) {
    SmallVector<StringRef> features;
    llvm::X86::getFeaturesForCPU(chip, features);
    return getX86([&](StringRef feature) { return llvm::is_contained(features, feature); });
  }
  if (llvm::AArch64::parseCpu(chip))
    return kAArch64;
  return failure();
}
