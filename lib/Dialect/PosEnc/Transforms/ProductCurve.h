//===- ProductCurve.h - Products of rows with all rows of a table -*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// Private to lib/Dialect/PosEnc/Transforms.
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_DIALECT_POSENC_TRANSFORMS_PRODUCTCURVE_H
#define POSENC_LIB_DIALECT_POSENC_TRANSFORMS_PRODUCTCURVE_H

#include "posenc/Dialect/PosEnc/IR/PosEnc.h"

#include "mlir/IR/IRMapping.h"

namespace mlir::posenc {

/// The products that a modifier of the form `Product` may ask for:
/// R[arguments of the region, row].
class ProductCurve {
public:
  explicit ProductCurve(ScoreModOpInterface mod);

  /// Why there can or should be no curve; empty if there is one. A curve of more
  /// than `maxRatio` elements per score should not be.
  std::string whyNot(int64_t maxRatio);

  /// Builds the curve before the op that has the region.
  Value build(OpBuilder &builder) const;
  /// Where the region finds the product with the table's `row`.
  SmallVector<Value> getIndices(Value row) const;

  Operation *getOwner() const { return owner; }

private:
  /// Numbers of region arguments, in order.
  using Arguments = SmallVector<unsigned, 4>;
  /// A tensor operand and the operands that index it.
  struct Operand {
    Value tensor;
    OperandRange indices;
  };

  bool collectArguments(Value index, Arguments &arguments) const;
  bool collectArguments(const Operand &operand, Arguments &arguments) const;
  bool isTensorOutside(Value value) const;
  std::pair<Value, int64_t> getDimension(unsigned argument) const;
  std::optional<int64_t> getStaticExtent(unsigned argument) const;
  SmallVector<OpFoldResult> getExtents(OpBuilder &b, ArrayRef<unsigned> arguments) const;
  OpFoldResult getNumChannels(OpBuilder &b) const;
  Value rebuild(OpBuilder &b, Value value, IRMapping &mapping) const;
  Value readElement(OpBuilder &b, Location loc, const Operand &operand,
                    ArrayRef<unsigned> arguments, bool isTable) const;
  Value buildRows(OpBuilder &b, Location loc) const;
  Value buildTable(OpBuilder &b, Location loc) const;

  ScoreModOpInterface mod;
  std::optional<ScoreProduct> product;
  Operation *owner = nullptr;
  Block *block = nullptr;
  std::optional<Operand> rows, table, bias;
  Arguments rowArguments, tableArguments, allArguments;
};

} // namespace mlir::posenc

#endif // POSENC_LIB_DIALECT_POSENC_TRANSFORMS_PRODUCTCURVE_H
