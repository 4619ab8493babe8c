//===- BufferDeallocation.cpp - Kernels free nothing ----------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Codegen/Device/BufferDeallocation.h"

#include "posenc/Dialect/PosEnc/IR/PosEnc.h"

#include "mlir/Dialect/Bufferization/IR/BufferDeallocationOpInterface.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"

using namespace mlir;
using namespace mlir::posenc;
using bufferization::BufferDeallocationOpInterface;

namespace {
/// The verifier keeps allocations out of attention's regions, a kernel that the
/// module already has frees none of its arguments, and on memrefs neither op has
/// results: there is no ownership to pass on.
template <typename Op>
struct NothingToFree : BufferDeallocationOpInterface::ExternalModel<NothingToFree<Op>, Op> {
  FailureOr<Operation *> process(Operation *op, bufferization::DeallocationState &,
                                 const bufferization::DeallocationOptions &) const {
    return op;
  }
};
} // namespace

void posenc::registerBufferDeallocationOpInterfaceExternalModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, PosEncDialect *) {
    AttentionOp::attachInterface<NothingToFree<AttentionOp>>(*context);
    YieldOp::attachInterface<NothingToFree<YieldOp>>(*context);
  });
  registry.addExtension(+[](MLIRContext *context, gpu::GPUDialect *) {
    gpu::LaunchFuncOp::attachInterface<NothingToFree<gpu::LaunchFuncOp>>(*context);
  });
}
