//===- FakeDriver.h - What tests tell and ask a fake driver -----*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// FakeDriver.cpp is compiled twice, as NVIDIA's and as AMD's driver library. Device
// memory is host memory, and work happens when it is asked for. Modules are texts; the
// words in them are the kernels. Those that do something are in `runKernel`.
//===----------------------------------------------------------------------===//

#ifndef POSENC_TEST_LIB_FAKEDRIVER_H
#define POSENC_TEST_LIB_FAKEDRIVER_H

#include <cstdint>

namespace fake {

/// What a machine is like. Set before the device is opened.
struct Machine {
  int devices = 1;
  int major = 9, minor = 0;                    ///< of a CUDA device
  const char *arch = "gfx942:sramecc+:xnack-"; ///< of a HIP device
  bool hasPools = true;
  uint64_t memory = 1 << 30;
};

/// What lives on the driver's side.
struct Live {
  int memory = 0, streams = 0, events = 0, modules = 0, contexts = 0, pools = 0;
  int total() const { return memory + streams + events + modules + contexts + pools; }
};

/// The library exports one symbol, fake_control. Without it, the first machine that
/// `Machine` describes, and POSENC_FAKE_FAIL for `failAt`.
struct Control {
  /// Forgets everything and becomes this machine.
  void (*reset)(const Machine &machine);
  /// The `nth` call (from 1, counted from the reset) of the function gives this code;
  /// a null function: the nth call of any. Functions that release do it all the same, as
  /// real ones do that report the failure of earlier work.
  void (*failAt)(const char *function, int nth, int code);
  /// How often a function was called; null: all.
  int (*countCalls)(const char *function);
  /// The function called at the nth call of any.
  const char *(*getCall)(int nth);
  Live (*getLive)();
  /// Mistakes of the caller: freed twice, no context, unknown handles.
  int (*countMistakes)();
  /// Of the last mistake.
  const char *(*getMistake)();
  uint64_t (*countPeakBytes)();
};

} // namespace fake

#endif // POSENC_TEST_LIB_FAKEDRIVER_H
