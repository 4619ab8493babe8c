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

static CPUTarget getX86(const llvm::StringMap<bool> &features) {
  if (features.lookup("avx512f"))
    return {512, 32};
  return {features.lookup("avx") ? 256 : 128, 16};
}

/// LLVM's lists leave out features that others imply.
static llvm::StringMap<bool> getX86Features(StringRef chip) {
  SmallVector<StringRef> listed;
  llvm::X86::getFeaturesForCPU(chip, listed);
  llvm::StringMap<bool> features;
  for (StringRef feature : listed) {
    features[feature] = true;
    llvm::X86::updateImpliedFeatures(feature, /*Enabled=*/true, features);
  }
  return features;
}

FailureOr<CPUTarget> CPUTarget::get(StringRef chip) {
  if (chip == "host") {
    if (llvm::Triple(llvm::sys::getProcessTriple()).isAArch64())
      return kAArch64;
    return getX86(llvm::sys::getHostCPUFeatures());
  }
  if (llvm::X86::parseArchX86(chip) != llvm::X86::CK_None)
    return getX86(getX86Features(chip));
  if (llvm::AArch64::parseCpu(chip))
    return kAArch64;
  return failure();
}
