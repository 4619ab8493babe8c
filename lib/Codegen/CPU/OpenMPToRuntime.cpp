//===- OpenMPToRuntime.cpp - Parallel loops on the runtime's threads --------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Codegen/CPU/Passes.h"

#include "mlir/Dialect/LLVMIR/FunctionCallUtils.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/OpenMP/OpenMPDialect.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Transforms/RegionUtils.h"

namespace mlir::posenc {
#define GEN_PASS_DEF_POSENCOPENMPTORUNTIME
#include "posenc/Codegen/CPU/Passes.h.inc"
} // namespace mlir::posenc

using namespace mlir;

namespace {
/// An omp.parallel around one loop, and what becomes of it.
struct Loop {
  omp::ParallelOp parallel;
  omp::WsloopOp wsloop;
  omp::LoopNestOp nest;
  bool isSerial = false; // it reduces into a value, or it is inside another loop
};

struct OpenMPToRuntimePass final
    : posenc::impl::PosEncOpenMPToRuntimeBase<OpenMPToRuntimePass> {
  void runOnOperation() override;

  FailureOr<Loop> match(omp::ParallelOp parallel);
  LogicalResult replace(Loop loop);
};

/// Writes the function that runs a part of a loop.
class PartBuilder {
public:
  PartBuilder(ModuleOp module, Loop loop) : module(module), loop(loop), builder(module) {}

  LLVM::LLVMFuncOp build();
  ValueRange getCaptured() const { return captured.getArrayRef(); }
  LLVM::LLVMStructType getContextType() const { return contextType; }

private:
  void collectCaptured();
  void loadCaptured(Value context);
  SmallVector<Value> delinearize(Value position, Value &last, Value &extent);
  void buildLoops(Value begin, Value end);
  void moveBody(ValueRange outer, Value last, Block *latch, Block *target);
  Value binary(StringRef name, Value lhs, Value rhs);

  ModuleOp module;
  Loop loop;
  OpBuilder builder;
  llvm::SetVector<Value> captured;
  LLVM::LLVMStructType contextType;
  IRMapping mapping;
  LLVM::LLVMFuncOp function;
};
} // namespace

/// An op without operands that costs nothing to repeat.
static bool isFree(Operation *op) {
  return op && op->getNumOperands() == 0 && op->getNumResults() == 1 &&
         isa<LLVM::ConstantOp, LLVM::AddressOfOp, LLVM::PoisonOp, LLVM::UndefOp, LLVM::ZeroOp>(
             op);
}

FailureOr<Loop> OpenMPToRuntimePass::match(omp::ParallelOp parallel) {
  auto fail = [&](Operation *op) {
    return op->emitOpError("expected omp.parallel around one omp.wsloop of one omp.loop_nest "
                           "with exclusive bounds of type i64");
  };
  Region &region = parallel.getRegion();
  if (!region.hasOneBlock() || !llvm::hasNItems(region.front(), 2) ||
      parallel->getNumOperands() != 0)
    return fail(parallel);
  auto wsloop = dyn_cast<omp::WsloopOp>(region.front().front());
  if (!wsloop || !wsloop.getRegion().hasOneBlock() ||
      !llvm::hasSingleElement(wsloop.getRegion().front()) ||
      wsloop->getNumOperands() != wsloop.getReductionVars().size())
    return fail(parallel);
  auto nest = dyn_cast<omp::LoopNestOp>(wsloop.getRegion().front().front());
  if (!nest || nest.getLoopInclusive() ||
      llvm::any_of(nest.getIVs(), [](Value iv) { return !iv.getType().isInteger(64); }))
    return fail(parallel);
  Loop loop{parallel, wsloop, nest};
  loop.isSerial =
      !wsloop.getReductionVars().empty() || parallel->getParentOfType<omp::ParallelOp>();
  return loop;
}

void PartBuilder::collectCaptured() {
  // A reduction's variable stands for each thread's own: the loop runs on one.
  for (auto [argument, variable] :
       llvm::zip_equal(loop.wsloop.getRegion().getArguments(), loop.wsloop.getReductionVars()))
    argument.replaceAllUsesWith(variable);
  getUsedValuesDefinedAbove(loop.nest.getRegion(), captured);
  for (Value bound : loop.nest->getOperands())
    captured.insert(bound);
  captured.remove_if([](Value value) { return isFree(value.getDefiningOp()); });
  SmallVector<Type> types(ValueRange(captured.getArrayRef()).getTypes());
  contextType = LLVM::LLVMStructType::getLiteral(builder.getContext(), types);
}

void PartBuilder::loadCaptured(Value context) {
  Location loc = loop.nest.getLoc();
  auto ptr = LLVM::LLVMPointerType::get(builder.getContext());
  for (auto [index, value] : llvm::enumerate(captured)) {
    Value address = LLVM::GEPOp::create(builder, loc, ptr, contextType, context,
                                        ArrayRef<LLVM::GEPArg>{0, int32_t(index)});
    mapping.map(value, LLVM::LoadOp::create(builder, loc, value.getType(), address));
  }
  llvm::SetVector<Value> above;
  getUsedValuesDefinedAbove(loop.nest.getRegion(), above);
  above.insert(loop.nest->getOperands().begin(), loop.nest->getOperands().end());
  for (Value value : above)
    if (!mapping.contains(value))
      builder.clone(*value.getDefiningOp(), mapping);
}

Value PartBuilder::binary(StringRef name, Value lhs, Value rhs) {
  OperationState state(loop.nest.getLoc(), name, {lhs, rhs}, {lhs.getType()});
  return builder.create(state)->getResult(0);
}

/// How often a dimension of the loop runs: its step is positive.
static Value buildExtent(OpBuilder &builder, Location loc, Value lower, Value upper,
                         Value step) {
  auto constant = [&](int64_t value) {
    return LLVM::ConstantOp::create(builder, loc, builder.getI64Type(), value);
  };
  Value span = LLVM::SubOp::create(builder, loc, upper, lower);
  Value rounded = LLVM::AddOp::create(builder, loc, span,
                                      LLVM::SubOp::create(builder, loc, step, constant(1)));
  Value count = LLVM::SDivOp::create(builder, loc, rounded, step);
  return LLVM::SMaxOp::create(builder, loc, count, constant(0));
}

/// The induction variables of the outer dimensions at a position, the position in the last
/// dimension and its extent.
SmallVector<Value> PartBuilder::delinearize(Value position, Value &last, Value &extent) {
  Location loc = loop.nest.getLoc();
  SmallVector<Value> lower, steps, extents, outer;
  for (auto [from, to, by] :
       llvm::zip_equal(loop.nest.getLoopLowerBounds(), loop.nest.getLoopUpperBounds(),
                       loop.nest.getLoopSteps())) {
    lower.push_back(mapping.lookup(from));
    steps.push_back(mapping.lookup(by));
    extents.push_back(
        buildExtent(builder, loc, lower.back(), mapping.lookup(to), steps.back()));
  }
  size_t rank = extents.size();
  extent = extents.back();
  if (rank == 1) {
    last = position;
    return outer;
  }
  outer.resize(rank - 1);
  last = binary("llvm.urem", position, extent);
  Value rest = binary("llvm.udiv", position, extent);
  for (size_t i = rank - 1; i-- > 0;) {
    Value index = i == 0 ? rest : binary("llvm.urem", rest, extents[i]);
    rest = i == 0 ? rest : binary("llvm.udiv", rest, extents[i]);
    outer[i] = binary("llvm.add", lower[i], binary("llvm.mul", index, steps[i]));
  }
  return outer;
}

/// The loop's blocks into the function, before `latch`.
void PartBuilder::moveBody(ValueRange outer, Value last, Block *latch, Block *target) {
  Location loc = loop.nest.getLoc();
  size_t rank = outer.size() + 1;
  builder.setInsertionPointToEnd(target);
  Value lower = mapping.lookup(loop.nest.getLoopLowerBounds()[rank - 1]);
  Value step = mapping.lookup(loop.nest.getLoopSteps()[rank - 1]);
  Value innermost = binary("llvm.add", lower, binary("llvm.mul", last, step));
  Region &region = loop.nest.getRegion();
  SmallVector<Value> ivs(outer.begin(), outer.end());
  ivs.push_back(innermost);
  for (auto [iv, value] : llvm::zip_equal(ValueRange(loop.nest.getIVs()), ivs))
    Value(iv).replaceAllUsesWith(value);
  Block *first = &region.front();
  for (Block &block : region) {
    if (auto yield = dyn_cast<omp::YieldOp>(block.getTerminator())) {
      builder.setInsertionPoint(yield);
      LLVM::BrOp::create(builder, loc, ValueRange(), latch);
      yield.erase();
    }
  }
  first->eraseArguments(0, first->getNumArguments());
  function.getBody().getBlocks().splice(latch->getIterator(), region.getBlocks());
  builder.setInsertionPointToEnd(target);
  LLVM::BrOp::create(builder, loc, ValueRange(), first);
}

/// Row by row of the last dimension, so that the inner loop counts by one:
///   for (k = begin; k < end; k += n)
///     n = min(extent - last(k), end - k)
///     for (j = last(k); j < last(k) + n; ++j)  body
void PartBuilder::buildLoops(Value begin, Value end) {
  Location loc = loop.nest.getLoc();
  Type i64 = builder.getI64Type();
  Block *entry = builder.getInsertionBlock();
  Region &body = function.getBody();
  auto addBlock = [&] { return &body.emplaceBlock(); };
  Block *rows = addBlock(), *row = addBlock(), *columns = addBlock(), *column = addBlock(),
        *latch = addBlock(), *nextRow = addBlock(), *done = addBlock();
  Value k = rows->addArgument(i64, loc), j = columns->addArgument(i64, loc);
  auto branchIfLess = [&](Value a, Value b, Block *yes, Block *no) {
    Value less = LLVM::ICmpOp::create(builder, loc, LLVM::ICmpPredicate::slt, a, b);
    LLVM::CondBrOp::create(builder, loc, less, yes, no);
  };
  builder.setInsertionPointToEnd(entry);
  LLVM::BrOp::create(builder, loc, begin, rows);
  builder.setInsertionPointToEnd(rows);
  branchIfLess(k, end, row, done);

  builder.setInsertionPointToEnd(row);
  Value last, extent;
  SmallVector<Value> outer = delinearize(k, last, extent);
  Value here = LLVM::SMinOp::create(builder, loc, binary("llvm.sub", extent, last),
                                    binary("llvm.sub", end, k));
  Value stop = binary("llvm.add", last, here), next = binary("llvm.add", k, here);
  Value one = LLVM::ConstantOp::create(builder, loc, i64, 1);
  LLVM::BrOp::create(builder, loc, last, columns);
  builder.setInsertionPointToEnd(columns);
  branchIfLess(j, stop, column, nextRow);
  builder.setInsertionPointToEnd(latch);
  LLVM::BrOp::create(builder, loc, binary("llvm.add", j, one), columns);
  builder.setInsertionPointToEnd(nextRow);
  LLVM::BrOp::create(builder, loc, next, rows);
  builder.setInsertionPointToEnd(done);
  LLVM::ReturnOp::create(builder, loc, ValueRange());
  moveBody(outer, j, latch, column);
}

LLVM::LLVMFuncOp PartBuilder::build() {
  collectCaptured();
  Location loc = loop.nest.getLoc();
  auto ptr = LLVM::LLVMPointerType::get(builder.getContext());
  Type i64 = builder.getI64Type();
  auto type = LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(builder.getContext()),
                                          {ptr, i64, i64});
  auto parent = loop.parallel->getParentOfType<LLVM::LLVMFuncOp>();
  // Inserted into the symbol table, which renames it if there are several.
  OpBuilder detached(builder.getContext());
  function = LLVM::LLVMFuncOp::create(detached, loc, (parent.getName() + "_part").str(), type,
                                      LLVM::Linkage::Private);
  SymbolTable(module).insert(function);
  builder.setInsertionPointToStart(function.addEntryBlock(builder));
  loadCaptured(function.getArgument(0));
  buildLoops(function.getArgument(1), function.getArgument(2));
  // What the body used of the surrounding function comes from the context now.
  for (auto [from, to] : mapping.getValueMap())
    const_cast<Value &>(from).replaceUsesWithIf(to, [&](OpOperand &use) {
      return use.getOwner()->getParentOfType<LLVM::LLVMFuncOp>() == function;
    });
  return function;
}

LogicalResult OpenMPToRuntimePass::replace(Loop loop) {
  ModuleOp module = getOperation();
  auto parent = loop.parallel->getParentOfType<LLVM::LLVMFuncOp>();
  if (!parent)
    return loop.parallel.emitOpError("expected to be in an llvm.func");
  Location loc = loop.parallel.getLoc();
  OpBuilder builder(loop.parallel);
  auto ptr = LLVM::LLVMPointerType::get(&getContext());
  Type i64 = builder.getI64Type();
  Value count;
  for (auto [from, to, by] :
       llvm::zip_equal(loop.nest.getLoopLowerBounds(), loop.nest.getLoopUpperBounds(),
                       loop.nest.getLoopSteps())) {
    Value extent = buildExtent(builder, loc, from, to, by);
    count = count ? LLVM::MulOp::create(builder, loc, count, extent) : extent;
  }
  PartBuilder part(module, loop);
  LLVM::LLVMFuncOp function = part.build();

  // In the function's frame: an allocation in a loop would grow the stack.
  OpBuilder entry = OpBuilder::atBlockBegin(&parent.getBody().front());
  Value one = LLVM::ConstantOp::create(entry, loc, i64, 1);
  Value context = LLVM::AllocaOp::create(entry, loc, ptr, part.getContextType(), one);
  for (auto [index, value] : llvm::enumerate(part.getCaptured())) {
    Value address = LLVM::GEPOp::create(builder, loc, ptr, part.getContextType(), context,
                                        ArrayRef<LLVM::GEPArg>{0, int32_t(index)});
    LLVM::StoreOp::create(builder, loc, value, address);
  }
  if (loop.isSerial) {
    Value zero = LLVM::ConstantOp::create(builder, loc, i64, 0);
    LLVM::CallOp::create(builder, loc, function, ValueRange{context, zero, count});
    loop.parallel.erase();
    return success();
  }
  auto parallelFor =
      LLVM::lookupOrCreateFn(builder, module, "posenc_rt_parallel_for", {ptr, ptr, i64, i64},
                             LLVM::LLVMVoidType::get(&getContext()));
  if (failed(parallelFor))
    return failure();
  Value grain = LLVM::ConstantOp::create(builder, loc, i64, 1);
  Value address = LLVM::AddressOfOp::create(builder, loc, function);
  LLVM::CallOp::create(builder, loc, *parallelFor, ValueRange{address, context, count, grain});
  loop.parallel.erase();
  return success();
}

void OpenMPToRuntimePass::runOnOperation() {
  // Outer loops first: the inner ones move with them.
  SmallVector<Loop> loops;
  bool failedToMatch = false;
  getOperation().walk<WalkOrder::PreOrder>([&](omp::ParallelOp parallel) {
    FailureOr<Loop> loop = match(parallel);
    if (failed(loop))
      failedToMatch = true;
    else
      loops.push_back(*loop);
  });
  if (failedToMatch ||
      llvm::any_of(loops, [&](const Loop &loop) { return failed(replace(loop)); }))
    return signalPassFailure();
  for (auto reduction :
       llvm::make_early_inc_range(getOperation().getOps<omp::DeclareReductionOp>()))
    reduction.erase();
  WalkResult rest = getOperation().walk([](Operation *op) {
    if (!isa_and_present<omp::OpenMPDialect>(op->getDialect()))
      return WalkResult::advance();
    op->emitOpError("expected no OpenMP but parallel loops");
    return WalkResult::interrupt();
  });
  if (rest.wasInterrupted())
    signalPassFailure();
}
