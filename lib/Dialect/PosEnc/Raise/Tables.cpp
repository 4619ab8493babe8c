//===- Tables.cpp - Tables that biases look up ----------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Tables.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::raise;

bool mlir::posenc::raise::isTableElement(Type type) {
  return type.isF32() || type.isF16() || type.isBF16();
}

Value mlir::posenc::raise::shapeTable(OpBuilder &builder, Location loc, Value table,
                                      unsigned rowDim, std::optional<unsigned> headDim,
                                      int64_t numRows) {
  auto type = cast<RankedTensorType>(table.getType());
  int64_t rank = type.getRank();
  if (type.getDimSize(rowDim) != numRows || rank > (headDim ? 2 : 1)) {
    SmallVector<OpFoldResult> offsets(rank, builder.getIndexAttr(0)), sizes,
        strides(rank, builder.getIndexAttr(1));
    SmallVector<int64_t> shape;
    for (int64_t i = 0; i < rank; ++i) {
      int64_t size = i == rowDim ? numRows : type.getDimSize(i);
      sizes.push_back(builder.getIndexAttr(size));
      if (i == rowDim || (headDim && i == *headDim))
        shape.push_back(size);
    }
    auto cut = RankedTensorType::get(shape, type.getElementType());
    table = tensor::ExtractSliceOp::create(builder, loc, cut, table, offsets, sizes, strides);
  }
  if (!headDim || rowDim < *headDim)
    return table;
  // Heads first: posenc wants rows first.
  auto stored = cast<RankedTensorType>(table.getType());
  Value init = tensor::EmptyOp::create(
      builder, loc, ArrayRef<int64_t>{stored.getDimSize(1), stored.getDimSize(0)},
      stored.getElementType());
  return linalg::TransposeOp::create(builder, loc, table, init, ArrayRef<int64_t>{1, 0})
      ->getResult(0);
}

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

ElementsAttr mlir::posenc::raise::constantElements(Value tensor) {
  Attribute constant;
  if (!tensor || !matchPattern(tensor, m_Constant(&constant)))
    return nullptr;
  if (auto dense = dyn_cast<DenseElementsAttr>(constant))
    return dense;
  auto resource = dyn_cast<DenseResourceElementsAttr>(constant);
  AsmResourceBlob *blob = resource ? resource.getRawHandle().getBlob() : nullptr;
  bool splat = false;
  if (!blob || resource.getElementType().isInteger(1) ||
      !DenseElementsAttr::isValidRawBuffer(resource.getType(), blob->getData(), splat))
    return nullptr;
  return DenseElementsAttr::getFromRawBuffer(resource.getType(), blob->getData());
}

SmallVector<float> mlir::posenc::raise::constantFloats(Value tensor) {
  auto elements = dyn_cast_if_present<DenseFPElementsAttr>(constantElements(tensor));
  if (!elements || !elements.getElementType().isF32())
    return {};
  return llvm::map_to_vector(elements.getValues<APFloat>(),
                             [](const APFloat &v) { return v.convertToFloat(); });
}

//===----------------------------------------------------------------------===//
// Functions of a look-up
//===----------------------------------------------------------------------===//

std::optional<MappedLookup>
mlir::posenc::raise::findLookup(Expr term, const Attention &attention) {
  uint64_t position = attention.query.index->vars | attention.key.index->vars;
  MappedLookup found;
  bool single = true;
  // Operands of the look-up itself are its index, and no other look-ups.
  SmallVector<Expr> work{term};
  llvm::DenseSet<Expr> seen;
  while (!work.empty() && single) {
    Expr e = work.pop_back_val();
    if (!seen.insert(e).second || !(e->vars & position))
      continue;
    if (e->kind == Kind::Read && e->isFloat()) {
      single &= found.read == nullptr;
      found.read = e;
    } else if (e->kind == Kind::Op && e->isFloat()) {
      llvm::append_range(work, e->ops);
    } else {
      single = false;
    }
  }
  if (!single || !found.read)
    return std::nullopt;
  return found;
}

Value mlir::posenc::raise::mapTable(ExprContext &cx, PullBack &pull, OpBuilder &builder,
                                    Location loc, const NamedTable &named, Expr term, Expr read,
                                    const Attention &attention) {
  auto type = cast<RankedTensorType>(named.table.getType());
  Value init =
      tensor::EmptyOp::create(builder, loc, type.getShape(), builder.getF32Type());
  AffineMap map = builder.getMultiDimIdentityMap(type.getRank());
  SmallVector<utils::IteratorType> loops(type.getRank(), utils::IteratorType::parallel);
  auto generic = linalg::GenericOp::create(
      builder, loc, init.getType(), named.table, init, ArrayRef<AffineMap>{map, map}, loops,
      [&](OpBuilder &b, Location l, ValueRange args) {
        Emitter emitter(cx, pull, b, l);
        emitter.bind(read, args[0]);
        if (attention.head.index->kind == Kind::Var && type.getRank() == 2)
          emitter.bind(attention.head.index, linalg::IndexOp::create(b, l, 1));
        linalg::YieldOp::create(b, l, emitter.emitFloat(term));
      });
  return generic.getResult(0);
}
