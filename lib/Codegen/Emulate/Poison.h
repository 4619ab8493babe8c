//===- Poison.h - Which scalars are poison ----------------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_CODEGEN_EMULATE_POISON_H
#define POSENC_LIB_CODEGEN_EMULATE_POISON_H

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "llvm/ADT/BitVector.h"

#include <functional>

namespace mlir::posenc::emulate {

/// An i1 for each scalar of a value that says whether it is poison; null if it never
/// is. Empty: no scalar ever is.
using Lanes = SmallVector<Value>;

/// True if one of them may be poison.
bool mayBePoison(const Lanes &lanes);

/// The rules by which poison goes from operands to results. The same rules serve the
/// analysis, in which every i1 that would be made is one token, and the code.
class PoisonRules {
public:
  /// With a null builder, `token` stands for what would be emitted.
  PoisonRules(DenseMap<Value, Lanes> &known, OpBuilder *builder, Value token)
      : known(known), builder(builder), token(token) {}

  /// For results of ops that are neither calls nor instructions of a target; code is
  /// emitted behind the op.
  Lanes visit(Operation *op);

  const Lanes &get(Value value) const;
  /// One i1 for all, or null.
  Value any(ArrayRef<Value> lanes);
  Value either(Value a, Value b);
  /// A constant, or the token.
  Value getTrue();

private:
  Value emit(function_ref<Value()> make) { return builder ? make() : token; }
  /// Operand `i` as `count` lanes: one for all, or mixed if it has other parts.
  Lanes spread(Value operand, unsigned count);
  Lanes propagate(Operation *op, unsigned count);
  void addOwn(Operation *op, Lanes &lanes);

  Lanes visitSelect(LLVM::SelectOp op);
  Lanes visitExtractElement(LLVM::ExtractElementOp op);
  Lanes visitInsertElement(LLVM::InsertElementOp op);
  Lanes visitShuffle(LLVM::ShuffleVectorOp op);
  Lanes visitExtractValue(LLVM::ExtractValueOp op);
  Lanes visitInsertValue(LLVM::InsertValueOp op);
  Lanes visitBitcast(LLVM::BitcastOp op);
  /// index == i, where the index is no constant.
  Value isIndex(Value index, uint64_t i);

  DenseMap<Value, Lanes> &known;
  OpBuilder *builder;
  Value token;
  Location loc = Location(LocationAttr());
};

/// Pointers into variables that only loads and stores of their functions use.
using PrivatePointers = DenseMap<Value, LLVM::AllocaOp>;
PrivatePointers findPrivatePointers(LLVM::LLVMFuncOp func);

/// True if the op can make poison of operands that are none.
bool makesPoison(Operation *op);
/// Emits when it does: an i1, or one per lane.
Value emitPoisonMade(OpBuilder &builder, Operation *op);

/// Which block arguments, parameters and results may be poison: the least solution
/// over all functions of a module.
class PoisonAnalysis {
public:
  /// `resolve` finds the function that a call reaches.
  PoisonAnalysis(std::function<LLVM::LLVMFuncOp(LLVM::CallOp)> resolve)
      : resolve(std::move(resolve)) {}
  void run(ArrayRef<LLVM::LLVMFuncOp> functions);

  /// Bit i: scalar i may be poison.
  llvm::BitVector getArgument(BlockArgument argument) const;
  llvm::BitVector getResults(LLVM::LLVMFuncOp function) const;

private:
  void visit(LLVM::LLVMFuncOp function);
  Lanes visitOp(Operation *op, PoisonRules &rules, Value token);
  void visitTerminator(Operation *op, PoisonRules &rules);
  Lanes visitCall(LLVM::CallOp call, PoisonRules &rules);
  /// Adds to what may be poison; the analysis goes on if that is more than before.
  void join(Lanes &into, const Lanes &lanes);

  std::function<LLVM::LLVMFuncOp(LLVM::CallOp)> resolve;
  DenseMap<Value, Lanes> known;
  DenseMap<Operation *, Lanes> results;
  PrivatePointers privates;
  bool changed = false;
};

} // namespace mlir::posenc::emulate

#endif // POSENC_LIB_CODEGEN_EMULATE_POISON_H
