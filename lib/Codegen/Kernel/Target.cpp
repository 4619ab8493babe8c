//===- Target.cpp - The chip a kernel is for ------------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Codegen/Kernel/Target.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir::posenc::kernel;

std::optional<GPUTarget> GPUTarget::parse(llvm::StringRef chip) {
  llvm::StringRef rest = chip;
  int64_t number = 0;
  if (rest.consume_front("sm_")) {
    // A suffix names features that only this chip (a) or its family (f) has.
    if (rest.ends_with("a") || rest.ends_with("f"))
      rest = rest.drop_back();
    if (rest.getAsInteger(10, number) || number < 50)
      return std::nullopt;
    return GPUTarget{Vendor::NVIDIA, chip.str(), 32, number, number >= 100 && number < 120};
  }
  if (!rest.consume_front("gfx") || rest.size() < 3)
    return std::nullopt;
  // The last two characters are minor version and (hexadecimal) stepping.
  bool steppings = llvm::all_of(rest.take_back(2), llvm::isHexDigit);
  if (!steppings || rest.drop_back(2).getAsInteger(10, number) || number < 9 || number > 12)
    return std::nullopt;
  bool packed = number == 9 && (rest.ends_with("0a") || rest.drop_front(1) >= "40");
  return GPUTarget{Vendor::AMD, chip.str(), number == 9 ? 64 : 32, number, packed};
}
