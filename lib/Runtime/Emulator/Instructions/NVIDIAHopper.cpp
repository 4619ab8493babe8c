//===- NVIDIAHopper.cpp - What sm_90a adds -------------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// The place for wgmma (nvvm.wgmma.fence.aligned, .mma_async, .commit.group…,
// .wait.group…), bulk and tensor copies (nvvm.cp.async.bulk.*, which end with
// complete_tx on an mbarrier: the model of mbarrier.complete_tx is what they call),
// clusters (nvvm.cluster.*, nvvm.mapa) and the fences between the generic and the
// asynchronous proxy, which order nothing as long as no model here uses that proxy.
// They come with the engine that emits them. Until then this table is empty on
// purpose: posenc-emulate refuses an op without a model, by its name.
//
// A wgmma reads its descriptors' shared memory until its group is waited for, and its
// accumulators may not be touched before: the first is what Group::beginCopy tracks
// (source in use), the second is a static check on the kernel, not of a model.
//===----------------------------------------------------------------------===//

#include "NVIDIATables.h"

using namespace posenc::emulator;

Table posenc::emulator::nvidiaHopperInstructions() { return {nullptr, 0}; }
