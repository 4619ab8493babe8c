//===- Tables.h - What the emulator knows of a module -----------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_CODEGEN_EMULATE_TABLES_H
#define POSENC_LIB_CODEGEN_EMULATE_TABLES_H

#include "posenc/Runtime/Emulator/EmulatedCode.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringMap.h"

#include <string>

namespace mlir::posenc::emulate {

/// Collects the tables of a posenc_emu_module and writes them as globals.
class Tables {
public:
  Tables(StringRef module, StringRef chip, unsigned wave, bool checks, bool statistics)
      : module(module), chip(chip), wave(wave), checks(checks), statistics(statistics) {}

  bool hasChecks() const { return checks; }
  bool hasStatistics() const { return statistics; }
  StringRef getModule() const { return module; }
  StringRef getChip() const { return chip; }
  unsigned getWave() const { return wave; }
  /// The symbol of a table or function that no kernel is. Those have no dot.
  std::string getTableName(StringRef suffix) const {
    return "posenc_emulated_" + module + "." + suffix.str();
  }

  /// The number of a site; the same one for equal sites.
  uint32_t addSite(posenc_emu_kind kind, StringRef op, StringRef location,
                   StringRef attributes = "", StringRef signature = ">",
                   uint32_t alignment = 0);
  void addKernel(StringRef name, StringRef location, StringRef symbol, uint64_t arguments);
  void addConstant(StringRef symbol, uint64_t bytes);
  /// Offset of a new buffer of static shared memory.
  uint64_t addShared(StringRef name, uint64_t bytes, uint64_t alignment);

  /// Defines `posenc_images_MODULE` and what it points to.
  void emit(OpBuilder &builder, Location loc);

private:
  struct Site {
    uint64_t op, location, attributes, signature;
    uint32_t alignment, kind;
  };
  struct Kernel {
    uint64_t name, location;
    std::string symbol;
    uint64_t arguments;
  };
  struct Shared {
    uint64_t name, offset, bytes;
  };
  struct Constant {
    std::string symbol;
    uint64_t bytes;
  };

  friend class TablesWriter;

  /// Where a string starts in `strings`.
  uint64_t intern(StringRef text);

  std::string module, chip;
  unsigned wave;
  bool checks, statistics;
  std::string strings;
  llvm::StringMap<uint64_t> interned;
  llvm::StringMap<uint32_t> knownSites;
  SmallVector<Site> sites;
  SmallVector<Kernel> kernels;
  SmallVector<Shared> shared;
  SmallVector<Constant> constants;
  uint64_t sharedBytes = 0;
};

} // namespace mlir::posenc::emulate

#endif // POSENC_LIB_CODEGEN_EMULATE_TABLES_H
