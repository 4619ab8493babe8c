//===- ReencodePass.cpp - Learned positions to relative encodings ---------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Dialect/PosEnc/Reencode/Passes.h"

#include "Reencode.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Remarks.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Transforms/RegionUtils.h"

#include "llvm/ADT/StringSwitch.h"

#include <bitset>
#include <cmath>

namespace mlir::posenc {
#define GEN_PASS_DEF_POSENCREENCODE
#include "posenc/Dialect/PosEnc/Reencode/Passes.h.inc"
} // namespace mlir::posenc

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::reencode;

namespace {
/// Which of the embeddings each value is computed from.
class Sources {
public:
  Sources(FunctionOpInterface function, ArrayRef<Value> embeddings) {
    for (auto [i, value] : llvm::enumerate(embeddings))
      sets[value].set(i % kMax);
    for (Operation &op : function.getFunctionBody().front()) {
      SetVector<Value> read(op.getOperands().begin(), op.getOperands().end());
      getUsedValuesDefinedAbove(op.getRegions(), read);
      std::bitset<kMax> all;
      for (Value value : read)
        all |= sets.lookup(value);
      for (Value result : op.getResults())
        sets[result] |= all;
    }
  }

  static constexpr unsigned kMax = 64;

  std::bitset<kMax> of(Value value) const { return sets.lookup(value); }

private:
  llvm::DenseMap<Value, std::bitset<kMax>> sets;
};

/// Re-encodes one function.
class Reencoder {
public:
  Reencoder(IRRewriter &rewriter, FunctionOpInterface function, const EncodingOptions &options,
            StringRef name)
      : rewriter(rewriter), function(function), options(options), name(name) {}

  /// How many tables are gone; failure if something is in the way.
  FailureOr<unsigned> run(bool isCalled) {
    readIndexBuffers(function);
    SmallVector<LearnedSum> sums = findLearnedSums(function);
    if (sums.empty())
      return 0u;
    // A caller would not know the new argument.
    if (options.kind == EncodingOptions::T5 && isCalled)
      return function.emitError() << "expected no calls of @" << function.getName()
                                  << ", which gets t5's table as an argument";
    SmallVector<AttentionOp> attentions;
    function.walk([&](AttentionOp op) { attentions.push_back(op); });
    SmallVector<AttentionOp> chosen = choose(sums, attentions);
    if (chosen.empty())
      return sums.front().sum->emitError()
             << "expected posenc.attention of the tokens that the table is added to "
                "(--posenc-raise) but got none";
    if (options.fit &&
        failed(fitTable(rewriter, function, sums.front(), chosen.front(),
                        getBucket(chosen.front(), options), isCausal(chosen.front()))))
      return failure();
    for (AttentionOp op : chosen) {
      if (failed(addEncoding(rewriter, op, options, [&](int64_t h) { return getTable(h); })))
        return failure();
      report(op, "attention gets " + name.str());
    }
    for (const LearnedSum &sum : sums)
      remove(sum);
    freePositions(rewriter, function, buffers, sizes);
    eraseAssertions(rewriter, function, sizes);
    eraseUnreadConstants(rewriter, function);
    return unsigned(sums.size());
  }

private:
  /// Attention of tokens to themselves: queries and keys have the same sources.
  SmallVector<AttentionOp> choose(ArrayRef<LearnedSum> sums, ArrayRef<AttentionOp> all) {
    SmallVector<Value> embeddings;
    for (const LearnedSum &sum : sums)
      embeddings.push_back(sum.sum->getResult(0));
    Sources sources(function, embeddings);
    SmallVector<AttentionOp> chosen;
    for (AttentionOp op : all) {
      auto ofQuery = sources.of(op.getQ()), ofKey = sources.of(op.getK());
      if (ofQuery.any() && ofQuery == ofKey)
        chosen.push_back(op);
      else if (ofQuery.any() || ofKey.any())
        report(op, "queries and keys are not the same tokens: stays as it is", /*missed=*/true);
    }
    return chosen;
  }

  void remove(const LearnedSum &sum) {
    Value rows = sum.positions->get();
    auto type = cast<RankedTensorType>(sum.table.getType());
    std::string text;
    llvm::raw_string_ostream(text) << "the table of positions is gone: " << type;
    report(sum.sum, text);
    for (Operation *buffer : findIndexBuffers(rows))
      buffers.insert(buffer);
    findBuffersOfTable(type);
    removeRows(rewriter, sum);
    eraseUnread(rewriter, sum.sum->getResult(0), sizes);
  }

  /// Integers as many as the table has rows: the look-up itself may have been rid of
  /// their buffer already, as `posenc.lookup` of plain positions is.
  void findBuffersOfTable(RankedTensorType table) {
    function.walk([&](Operation *op) {
      if (!op->hasTrait<OpTrait::ConstantLike>() || op->getNumResults() != 1)
        return;
      auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
      if (type && type.getElementType().isIntOrIndex() && type.getNumElements() > 1 &&
          llvm::is_contained(table.getShape().drop_back(), type.getNumElements()))
        buffers.insert(op);
    });
  }

  /// T5's table for so many heads: an argument, of the function's own from now on.
  Value getTable(int64_t heads) {
    Value &table = tables[heads];
    if (table)
      return table;
    auto type = RankedTensorType::get({options.numBuckets, heads}, rewriter.getF32Type());
    unsigned last = function.getNumArguments();
    LogicalResult added =
        function.insertArgument(last, type, DictionaryAttr(), function.getLoc());
    (void)added; // a function with a body takes any argument
    return table = function.getArgument(last);
  }

  void report(Operation *at, const std::string &text, bool missed = false) {
    auto about = remark::RemarkOpts::name("reencode")
                     .category("posenc-reencode")
                     .function(function.getName());
    if (missed)
      remark::missed(at->getLoc(), about) << remark::reason("{0}", text);
    else
      remark::passed(at->getLoc(), about) << remark::reason("{0}", text);
  }

  IRRewriter &rewriter;
  FunctionOpInterface function;
  const EncodingOptions &options;
  StringRef name;
  SetVector<Operation *> buffers;
  SetVector<Value> sizes; ///< of what is gone
  llvm::DenseMap<int64_t, Value> tables;
};

struct Reencode final : posenc::impl::PosEncReencodeBase<Reencode> {
  using Base::Base;

  void runOnOperation() override {
    EncodingOptions options;
    if (failed(readOptions(options)))
      return signalPassFailure();
    IRRewriter rewriter(&getContext());
    unsigned removed = 0;
    // What is fitted is a function too.
    for (auto function : llvm::to_vector(getOperation().getOps<FunctionOpInterface>())) {
      if (function.isExternal() || !function.getFunctionBody().hasOneBlock())
        continue;
      Reencoder reencoder(rewriter, function, options, learnedTo);
      FailureOr<unsigned> count = reencoder.run(isCalled(function));
      if (failed(count))
        return signalPassFailure();
      removed += *count;
    }
    if (removed == 0) {
      getOperation().emitError()
          << "expected a table by position that is added to embeddings but got none";
      signalPassFailure();
    }
  }

  LogicalResult readOptions(EncodingOptions &options) {
    using Kind = EncodingOptions::Kind;
    std::optional<Kind> kind = llvm::StringSwitch<std::optional<Kind>>(learnedTo)
                                   .Case("t5", Kind::T5)
                                   .Case("alibi", Kind::ALiBi)
                                   .Case("rope", Kind::RoPE)
                                   .Case("none", Kind::None)
                                   .Default(std::nullopt);
    if (!kind)
      return getOperation().emitError()
             << "expected learned-to to be t5, alibi, rope or none but got '" << learnedTo
             << "'";
    options = {*kind, numBuckets, maxDistance, base, fit};
    if (fit && *kind != Kind::T5)
      return getOperation().emitError()
             << "expected learned-to=t5 with fit but got " << learnedTo;
    auto error = [&] { return getOperation().emitError(); };
    // Both directions ask for more of the bucket than one.
    if (*kind == Kind::T5 &&
        failed(BucketAttr::verify(error, BucketKind::T5, Sign::KMinusQ,
                                  {numBuckets, maxDistance, /*bidirectional=*/1, 0})))
      return failure();
    if (*kind == Kind::RoPE && !(std::isfinite(base) && base > 1.0))
      return error() << "expected a finite base of more than 1 but got " << double(base);
    return success();
  }

  bool isCalled(FunctionOpInterface function) {
    return !SymbolTable::symbolKnownUseEmpty(function, getOperation());
  }
};
} // namespace
