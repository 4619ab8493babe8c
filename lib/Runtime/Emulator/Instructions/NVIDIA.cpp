//===- NVIDIA.cpp - Models of NVIDIA's instructions ----------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NVIDIATables.h"

#include <vector>

using namespace posenc::emulator;

Table posenc::emulator::nvidiaInstructions() {
  static const auto all = [] {
    std::vector<Instruction> all;
    for (Table table :
         {nvidiaWarpInstructions(), nvidiaMatrixInstructions(), nvidiaMmaInstructions(),
          nvidiaCopyInstructions(), nvidiaBarrierInstructions(), nvidiaMathInstructions(),
          nvidiaConversionInstructions(), nvidiaScalarInstructions(),
          nvidiaHopperInstructions()})
      all.insert(all.end(), table.begin, table.begin + table.size);
    return all;
  }();
  return {all.data(), all.size()};
}
