//===- BufferDeallocation.cpp - Attention frees nothing -------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Codegen/Device/BufferDeallocation.h"

#include "posenc/Dialect/PosEnc/IR/PosEnc.h"

#include "mlir/Dialect/Bufferization/IR/BufferDeallocationOpInterface.h"

using namespace mlir;
using namespace mlir::posenc;
using bufferization::BufferDeallocationOpInterface;

namespace {
/// The verifier keeps allocations out of the regions, and on memrefs the op has
/// no results: there is no ownership to pass on.
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
}
