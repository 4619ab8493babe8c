//===- InitAllPosEnc.cpp - Register everything of posenc ------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/InitAllPosEnc.h"

#include "posenc/Codegen/CPU/Passes.h"
#include "posenc/Codegen/Device/BufferDeallocation.h"
#include "posenc/Codegen/Device/Passes.h"
#include "posenc/Codegen/Emulate/Passes.h"
#include "posenc/Codegen/GPU/Passes.h"
#include "posenc/Codegen/Plan/Passes.h"
#include "posenc/Conversion/Passes.h"
#include "posenc/Dialect/PosEnc/Analysis/Passes.h"
#include "posenc/Dialect/PosEnc/IR/PosEncDialect.h"
#include "posenc/Dialect/PosEnc/Raise/Passes.h"
#include "posenc/Dialect/PosEnc/TransformOps/PosEncTransformOps.h"
#include "posenc/Dialect/PosEnc/Reencode/Passes.h"
#include "posenc/Dialect/PosEnc/Transforms/BufferizableOpInterfaceImpl.h"
#include "posenc/Dialect/PosEnc/Transforms/Passes.h"
#include "posenc/Pipelines/GPUPipelines.h"
#include "posenc/Pipelines/Pipelines.h"

#include "mlir/IR/DialectRegistry.h"
#include "mlir/Target/LLVMIR/Dialect/All.h"

using namespace mlir;

void posenc::registerAllDialects(DialectRegistry &registry) {
  registry.insert<PosEncDialect>();
  registerBufferizableOpInterfaceExternalModels(registry);
  registerDifferentiableOpInterfaceExternalModels(registry);
  registerBufferDeallocationOpInterfaceExternalModels(registry);
  registerAllGPUToLLVMIRTranslations(registry);
  posenc::registerTransformDialectExtension(registry);
}

void posenc::registerAllPasses() {
  registerConversionPasses();
  registerAnalysisPasses();
  registerRaisePasses();
  registerReencodePasses();
  registerTransformsPasses();
  registerCPUPasses();
  posenc::registerGPUPasses(); // mlir has one of this name
  registerDevicePasses();
  registerEmulatePasses();
  registerPlanPasses();
  registerCPUPipeline();
  registerGPUPipelines();
}
