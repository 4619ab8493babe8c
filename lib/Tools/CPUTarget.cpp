//===- CPUTarget.cpp - Target machines for CPUs ---------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Tools/Driver.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/X86TargetParser.h"

using namespace mlir;
using namespace mlir::posenc;

static void initializeTargets() {
  static bool done = [] {
    llvm::InitializeAllTargetInfos();
    llvm::InitializeAllTargets();
    llvm::InitializeAllTargetMCs();
    llvm::InitializeAllAsmPrinters();
    return true;
  }();
  (void)done;
}

/// The host's features, as "+a,-b,…".
static std::string getHostFeatures() {
  std::string features;
  for (const auto &feature : llvm::sys::getHostCPUFeatures())
    features += (features.empty() ? "" : ",") + std::string(feature.second ? "+" : "-") +
                feature.first().str();
  return features;
}

/// The first triple whose target knows the chip, the host's first.
static const llvm::Target *findTarget(StringRef chip, llvm::Triple &triple,
                                      std::string &error) {
  std::string host = llvm::sys::getDefaultTargetTriple();
  for (StringRef name :
       {StringRef(host), StringRef("x86_64-unknown-linux-gnu"),
        StringRef("aarch64-unknown-linux-gnu"), StringRef("riscv64-unknown-linux-gnu")}) {
    triple = llvm::Triple(name);
    const llvm::Target *target = llvm::TargetRegistry::lookupTarget(triple, error);
    if (!target)
      continue;
    std::unique_ptr<llvm::MCSubtargetInfo> info(target->createMCSubtargetInfo(triple, "", ""));
    if (chip == "host" || (info && info->isCPUStringValid(chip)))
      return target;
  }
  error = "expected the name of a CPU, as in host, x86-64-v3 or neoverse-n1, but got '" +
          chip.str() + "'";
  return nullptr;
}

std::unique_ptr<llvm::TargetMachine> mlir::posenc::createCPUTargetMachine(StringRef chip,
                                                                          std::string &error) {
  initializeTargets();
  llvm::Triple triple;
  const llvm::Target *target = findTarget(chip, triple, error);
  if (!target)
    return nullptr;
  bool isHost = chip == "host";
  StringRef cpu = isHost ? llvm::sys::getHostCPUName() : chip;
  std::unique_ptr<llvm::TargetMachine> machine(target->createTargetMachine(
      triple, cpu, isHost ? getHostFeatures() : "", llvm::TargetOptions(), llvm::Reloc::PIC_,
      std::nullopt, llvm::CodeGenOptLevel::Aggressive));
  if (!machine)
    error = "there is no code generator for '" + chip.str() + "'";
  return machine;
}

std::string mlir::posenc::whyHostCannotRun(StringRef chip) {
  initializeTargets();
  std::string error;
  llvm::Triple triple, host(llvm::sys::getDefaultTargetTriple());
  if (chip == "host")
    return "";
  if (!findTarget(chip, triple, error))
    return error;
  if (triple.getArch() != host.getArch())
    return "this machine is not of the architecture of '" + chip.str() + "'";
  if (!triple.isX86())
    return "";
  SmallVector<StringRef> needed;
  llvm::X86::getFeaturesForCPU(chip, needed);
  llvm::StringMap<bool> present = llvm::sys::getHostCPUFeatures();
  for (StringRef feature : needed) {
    // Features that the host detection does not list say how fast, not what.
    auto it = present.find(feature);
    if (it != present.end() && !it->second)
      return "this machine cannot run code for '" + chip.str() + "': it has no " +
             feature.str();
  }
  return "";
}
