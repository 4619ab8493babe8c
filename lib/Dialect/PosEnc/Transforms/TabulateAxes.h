//===- TabulateAxes.h - Coordinates that tables are over --------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_DIALECT_POSENC_TRANSFORMS_TABULATEAXES_H
#define POSENC_LIB_DIALECT_POSENC_TRANSFORMS_TABULATEAXES_H

#include "posenc/Dialect/PosEnc/Analysis/ScoreStructure.h"

namespace mlir::posenc {

/// A coordinate ⌊x / stride⌋ mod modulus of an index x.
struct IndexCoordinate {
  int64_t stride = 1;
  int64_t modulus = 0; ///< 0: none
};

/// The coordinates whose differences a value reads, by rising stride, if there
/// is a query and a key for every combination of differences; else none.
std::optional<SmallVector<IndexCoordinate>> findCoordinates(const ScoreStructure &structure,
                                                            const ValueStructure &value);

/// One dimension of a table: the difference of key and query, from −last.
class TableAxis {
public:
  /// `queries` and `keys` are the lengths.
  TableAxis(OpBuilder &b, Location loc, IndexCoordinate coordinate, OpFoldResult queries,
            OpFoldResult keys);

  /// The dimension's extent.
  OpFoldResult getSize() const { return size; }
  /// Where the difference of query m and key n stands.
  Value buildIndex(OpBuilder &b, Location loc, Value m, Value n) const;
  /// Adds to (m, n) so that entry `t` is that of the query m and the key n.
  void moveTo(OpBuilder &b, Location loc, Value t, Value &m, Value &n) const;

private:
  Value buildCoordinate(OpBuilder &b, Location loc, Value index) const;

  IndexCoordinate coordinate;
  OpFoldResult size;
  Value last; ///< the largest coordinate of a query
};

} // namespace mlir::posenc

#endif // POSENC_LIB_DIALECT_POSENC_TRANSFORMS_TABULATEAXES_H
