//===- BackwardForward.cpp - What a backward function computes again ------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BackwardFunction.h"

#include "posenc/Dialect/PosEnc/Utils/RegionInlining.h"

#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::backward;

/// Gradients are tensors; a buffer of floats has no place for one.
static LogicalResult verifyInput(Operation *op, Value input) {
  Type type = input.getType();
  bool isFloat = isa<FloatType, ComplexType>(getElementTypeOrSelf(type));
  if (!isFloat || isa<FloatType, RankedTensorType>(type))
    return success();
  return op->emitOpError() << "expected ranked tensors but got " << type
                           << ", which cannot have a gradient";
}

/// Everything from outside that the op reads but for outs, in order, each once.
static SetVector<Value> getInputs(AttentionOp op, SetVector<Value> &constants) {
  SetVector<Value> inputs;
  auto add = [&](Value value) {
    (matchPattern(value, m_Constant()) ? constants : inputs).insert(value);
  };
  MutableOperandRange outs = op.getDpsInitsMutable();
  for (OpOperand &operand : op->getOpOperands())
    if (!op.isDpsInit(&operand))
      add(operand.get());
  for (Value capture : getRegionCaptures(op))
    add(capture);
  return inputs;
}

/// [B,Hq,Tq] in f32.
static RankedTensorType getLseType(AttentionOp op) {
  if (op.getLse())
    return cast<RankedTensorType>(op.getLse().getType());
  int64_t shape[] = {op.getQueryExtent(AttentionOp::Batch),
                     op.getQueryExtent(AttentionOp::Head), op.getQueryExtent(AttentionOp::Seq)};
  return RankedTensorType::get(shape, Float32Type::get(op.getContext()));
}

/// An empty function with an entry block.
static func::FuncOp createFunction(OpBuilder &builder, Location loc, StringRef name,
                                   ArrayRef<Type> inputs, unsigned numInputs) {
  SmallVector<Type> results;
  for (Type type : inputs.take_front(numInputs))
    if (isa<FloatType>(getElementTypeOrSelf(type)))
      results.push_back(type);
  auto function =
      func::FuncOp::create(builder, loc, name, builder.getFunctionType(inputs, results));
  function.addEntryBlock();
  return function;
}

FailureOr<BackwardFunction> backward::buildForward(OpBuilder &builder, AttentionOp op,
                                                   StringRef name, bool lseGradient) {
  SetVector<Value> constants, inputs = getInputs(op, constants);
  SmallVector<Type> types;
  for (Value input : inputs) {
    if (failed(verifyInput(op, input)))
      return failure();
    types.push_back(input.getType());
  }
  Type output = op.getOutput().getType(), lse = getLseType(op);
  types.append({output, lse, output});
  if (lseGradient)
    types.push_back(lse);

  unsigned count = inputs.size();
  BackwardFunction result(createFunction(builder, op.getLoc(), name, types, count), count);
  ValueRange arguments = result.function.getArguments();
  OpBuilder b = OpBuilder::atBlockEnd(&result.function.getBody().front());
  IRMapping mapping;
  mapping.map(inputs.getArrayRef(), arguments.take_front(count));
  for (Value constant : constants)
    b.clone(*constant.getDefiningOp(), mapping);
  // What outs hold does not matter.
  mapping.map(op.getOutput(), arguments[count]);
  if (op.getLse())
    mapping.map(op.getLse(), arguments[count + 1]);
  Operation *attention = b.clone(*op, mapping);
  func::ReturnOp::create(b, op.getLoc(), attention->getResults());
  result.savedLse[attention] = arguments[count + 1];
  result.resultGradients.push_back(arguments[count + 2]);
  if (op.getLse())
    result.resultGradients.push_back(lseGradient ? arguments[count + 3] : Value());
  return result;
}

/// The attention whose lse `value` is.
static AttentionOp getAttentionOfLse(Value value) {
  auto result = dyn_cast<OpResult>(value);
  return result && result.getResultNumber() == 1 ? dyn_cast<AttentionOp>(result.getOwner())
                                                 : AttentionOp();
}

FailureOr<BackwardFunction> backward::buildForward(OpBuilder &builder, func::FuncOp function,
                                                   StringRef name, bool lseGradient) {
  if (!function.getBody().hasOneBlock())
    return function.emitOpError()
           << "expected a body of one block but got " << function.getBody().getBlocks().size();
  for (Value argument : function.getArguments())
    if (failed(verifyInput(function, argument)))
      return failure();
  Block &block = function.getBody().front();
  auto returned = block.getTerminator()->getOperands();
  SmallVector<Type> types(function.getArgumentTypes());
  unsigned count = types.size();
  llvm::append_range(types, returned.getTypes());
  auto hasGradient = [&](Value value) {
    return isa<FloatType>(getElementTypeOrSelf(value.getType())) &&
           (lseGradient || !getAttentionOfLse(value));
  };
  for (Value value : returned)
    if (hasGradient(value))
      types.push_back(value.getType());

  BackwardFunction result(createFunction(builder, function.getLoc(), name, types, count),
                          count);
  ValueRange arguments = result.function.getArguments();
  OpBuilder b = OpBuilder::atBlockEnd(&result.function.getBody().front());
  IRMapping mapping;
  mapping.map(block.getArguments(), arguments.take_front(count));
  for (Operation &op : block)
    b.clone(op, mapping);
  unsigned next = count + returned.size();
  for (auto [number, value] : llvm::enumerate(returned)) {
    result.resultGradients.push_back(hasGradient(value) ? arguments[next++] : Value());
    if (AttentionOp attention = getAttentionOfLse(value))
      result.savedLse[mapping.lookup(value).getDefiningOp()] = arguments[count + number];
  }
  return result;
}
