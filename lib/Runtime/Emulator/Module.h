//===- Module.h - A module of emulated kernels, prepared --------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RUNTIME_EMULATOR_MODULE_H
#define POSENC_LIB_RUNTIME_EMULATOR_MODULE_H

#include "posenc/Runtime/Emulator/EmulatedCode.h"
#include "posenc/Runtime/Emulator/Instruction.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace posenc::emulator {

/// An operand, as the signature of a site names it.
struct Operand {
  std::string_view type;
  unsigned first, count; ///< scalars
};

/// A site with its texts taken apart.
struct Site {
  const posenc_emu_site *raw = nullptr;
  uint32_t index = 0;
  const Instruction *instruction = nullptr; ///< null where only poison is reported
  bool isPlainStore = false;                ///< an atomic access that reads nothing
  std::vector<Operand> operands;
  unsigned operandScalars = 0, resultScalars = 0;
  std::vector<std::pair<std::string_view, std::string_view>> attributes;

  std::string_view attribute(std::string_view name) const;
};

/// Keeps the image's tables, which the program owns, and what is derived from them.
class Module {
public:
  /// Null and `error` if the image is not one that this library can run.
  static std::unique_ptr<Module> load(const posenc_emu_module &image, std::string &error);

  const posenc_emu_module &image() const { return *raw; }
  std::string_view chip() const { return chipName; }
  const Site &site(uint32_t index) const { return sites[index]; }
  /// Of loads and stores by site, at least 1.
  const uint32_t *alignments() const { return siteAlignments.data(); }
  const posenc_emu_kernel *kernel(std::string_view name) const;

private:
  const posenc_emu_module *raw = nullptr;
  std::string_view chipName;
  std::vector<Site> sites;
  std::vector<uint32_t> siteAlignments;
};

} // namespace posenc::emulator

#endif // POSENC_LIB_RUNTIME_EMULATOR_MODULE_H
