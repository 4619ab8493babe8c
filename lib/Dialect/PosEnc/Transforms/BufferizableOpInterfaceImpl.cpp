//===- BufferizableOpInterfaceImpl.cpp - Bufferize attention --------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Dialect/PosEnc/Transforms/BufferizableOpInterfaceImpl.h"

#include "posenc/Dialect/PosEnc/IR/PosEnc.h"
#include "posenc/Dialect/PosEnc/Utils/NeedsReference.h"

#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Bufferization/IR/DstBufferizableOpInterfaceImpl.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::bufferization;

namespace {
/// Attention writes its outs and reads everything else. Strided buffers are
/// welcome: the kernels read through strides.
struct AttentionModel
    : public DstBufferizableOpInterfaceExternalModel<AttentionModel, AttentionOp> {
  bool bufferizesToMemoryRead(Operation *op, OpOperand &operand, const AnalysisState &) const {
    return !cast<AttentionOp>(op).isDpsInit(&operand);
  }
  // Regions run once per score: a read in them conflicts with any write.
  bool isRepetitiveRegion(Operation *, unsigned) const { return true; }

  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const BufferizationOptions &options,
                          BufferizationState &state) const {
    auto attention = cast<AttentionOp>(op);
    if (failed(verifyForKernels(attention)))
      return failure();
    OpBuilder::InsertionGuard guard(rewriter);
    rewriter.setInsertionPoint(op);
    SmallVector<Value> operands;
    for (Value operand : op->getOperands()) {
      if (!isa<TensorType>(operand.getType())) {
        operands.push_back(operand);
        continue;
      }
      FailureOr<Value> buffer = getBuffer(rewriter, operand, options, state);
      if (failed(buffer))
        return failure();
      operands.push_back(*buffer);
    }
    unsigned outs = attention.getLse() ? 2 : 1;
    OperationState newState(op->getLoc(), AttentionOp::getOperationName(), operands,
                            TypeRange(), op->getAttrs());
    for (unsigned i = 0; i < op->getNumRegions(); ++i)
      newState.addRegion();
    Operation *bufferized = rewriter.create(newState);
    for (auto [from, to] : llvm::zip_equal(op->getRegions(), bufferized->getRegions()))
      if (!from.empty())
        rewriter.inlineRegionBefore(from, to, to.end());
    replaceOpWithBufferizedValues(rewriter, op, ArrayRef<Value>(operands).take_back(outs));
    return success();
  }
};

/// An op of a region that reads tensors and gives a value that is no tensor.
template <typename OpTy>
struct RegionReadModel
    : public BufferizableOpInterface::ExternalModel<RegionReadModel<OpTy>, OpTy> {
  bool bufferizesToMemoryRead(Operation *, OpOperand &, const AnalysisState &) const {
    return true;
  }
  bool bufferizesToMemoryWrite(Operation *, OpOperand &, const AnalysisState &) const {
    return false;
  }
  AliasingValueList getAliasingValues(Operation *, OpOperand &, const AnalysisState &) const {
    return {};
  }
  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const BufferizationOptions &options,
                          BufferizationState &state) const {
    if (llvm::any_of(op->getResultTypes(), llvm::IsaPred<TensorType>))
      return op->emitOpError() << "is on tensors: convert it with "
                                  "--convert-posenc-to-linalg before bufferization";
    for (OpOperand &operand : op->getOpOperands()) {
      if (!isa<TensorType>(operand.get().getType()))
        continue;
      FailureOr<Value> buffer = getBuffer(rewriter, operand.get(), options, state);
      if (failed(buffer))
        return failure();
      rewriter.modifyOpInPlace(op, [&] { operand.set(*buffer); });
    }
    return success();
  }
};
} // namespace

void posenc::registerBufferizableOpInterfaceExternalModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *ctx, PosEncDialect *) {
    AttentionOp::attachInterface<AttentionModel>(*ctx);
    BiasDenseOp::attachInterface<RegionReadModel<BiasDenseOp>>(*ctx);
    BiasLowRankOp::attachInterface<RegionReadModel<BiasLowRankOp>>(*ctx);
    BiasMLPOp::attachInterface<RegionReadModel<BiasMLPOp>>(*ctx);
    BiasTableOp::attachInterface<RegionReadModel<BiasTableOp>>(*ctx);
    BiasFnOp::attachInterface<RegionReadModel<BiasFnOp>>(*ctx);
    RelDotOp::attachInterface<RegionReadModel<RelDotOp>>(*ctx);
    RotateOp::attachInterface<RegionReadModel<RotateOp>>(*ctx);
    RowScaleOp::attachInterface<RegionReadModel<RowScaleOp>>(*ctx);
  });
}
