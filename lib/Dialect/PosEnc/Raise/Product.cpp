//===- Product.cpp - Content × relative terms of scores -------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Product.h"

#include "Rows.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include <cmath>

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::raise;

static bool isOp(Expr e, StringRef name) { return e->kind == Kind::Op && e->name == name; }

static bool isZero(Expr e) {
  std::optional<double> value = e->floatValue();
  return value && *value == 0.0;
}

//===----------------------------------------------------------------------===//
// Recognition
//===----------------------------------------------------------------------===//

/// x + u where x is what q is made from, too: rows = x then, so that products and
/// scores share them (Transformer-XL's two biases).
static void splitBias(PullBack &pull, const Attention &attention, Product &product) {
  uint64_t positions = attention.query.index->vars | attention.key.index->vars;
  Expr sum = pull.computedBy(product.rows), queries = pull.computedBy(attention.q.read);
  if (!sum || !isOp(sum, "arith.addf") || product.rows == attention.q.read)
    return;
  for (unsigned side : {0, 1}) {
    Expr rows = sum->ops[side], bias = sum->ops[1 - side];
    bool split = rows->kind == Kind::Read && bias->kind == Kind::Read &&
                 (rows->vars & positions) && !(bias->vars & positions) &&
                 (bias->vars & product.channel.index->vars);
    bool shared = rows == attention.q.read ||
                  (queries && isOp(queries, "arith.addf") &&
                   llvm::is_contained(queries->ops, rows));
    if (!split || !shared)
      continue;
    product.rows = rows;
    product.bias = bias;
    return;
  }
}

std::optional<Product> mlir::posenc::raise::findProduct(ExprContext &cx, PullBack &pull,
                                                        const Attention &attention,
                                                        Expr read) {
  uint64_t query = attention.query.index->vars, key = attention.key.index->vars;
  auto result = read->kind == Kind::Read ? dyn_cast<OpResult>(read->value) : OpResult();
  auto op = result ? dyn_cast<linalg::LinalgOp>(result.getOwner()) : linalg::LinalgOp();
  std::optional<unsigned> loop = op ? PullBack::reductionLoop(op) : std::nullopt;
  if (!loop || !(read->vars & key) || !(read->vars & query))
    return std::nullopt;
  Product found;
  Expr extent = pull.loopExtents(op)[*loop];
  bool known = attention.channel.index && attention.channel.index->kind == Kind::Var &&
               pull.sameExtent(extent, attention.channel.extent);
  found.channel = {known ? attention.channel.index : cx.var(extent), extent};
  std::optional<Reduction> sum =
      pull.reduction(read, found.channel.index, Depth::Layout);
  Expr a, b;
  if (!sum || sum->combiner != "arith.addf" || !isZero(sum->init) ||
      !twoFactors(sum->body, a, b, found.constant) || a->kind != Kind::Read ||
      b->kind != Kind::Read)
    return std::nullopt;
  auto isBoth = [&](Expr e) { return (e->vars & query) && (e->vars & key); };
  if (isBoth(a))
    std::swap(a, b);
  auto isSupported = [](Type type) { return type.isF32() || type.isF16() || type.isBF16(); };
  if (isBoth(a) || !isBoth(b) || !isSupported(a->type) || !isSupported(b->type) ||
      !std::isfinite(float(found.constant)) || found.channel.index->kind != Kind::Var)
    return std::nullopt;
  found.rows = a;
  found.table = b;
  splitBias(pull, attention, found);
  auto builds = [&](Expr e, bool isTable) {
    return !e || canBuildProductTensor(cx, pull, attention, found.channel, e, isTable);
  };
  if (!builds(found.rows, false) || !builds(found.table, true) || !builds(found.bias, false))
    return std::nullopt;
  return found;
}

const std::optional<Product> &ProductEmitter::productOf(Expr read) {
  auto [it, isNew] = products.try_emplace(read, std::nullopt);
  if (!isNew)
    return it->second;
  return products[read] = findProduct(cx, pull, attention, read);
}

bool ProductEmitter::mentions(Expr e) {
  for (Expr node : postOrder(e)) {
    auto [it, isNew] = mentioned.try_emplace(node, false);
    if (!isNew)
      continue;
    bool found = node->kind == Kind::Read && productOf(node).has_value();
    for (Expr operand : node->ops)
      found |= node->kind != Kind::Read && mentioned.lookup(operand);
    mentioned[node] = found;
  }
  return mentioned.lookup(e);
}

//===----------------------------------------------------------------------===//
// Linear code
//===----------------------------------------------------------------------===//

/// Takes off what stands between a term and the one operand with products.
bool ProductEmitter::splitProduct(Expr e, LinearPart &part,
                                  SmallVectorImpl<LinearPart> &parts) {
  if (isOp(e, "arith.addf") || isOp(e, "arith.subf")) {
    split(e->ops[0], part, parts);
    part.negative ^= e->name == "arith.subf";
    split(e->ops[1], part, parts);
    return true;
  }
  if (isOp(e, "arith.negf")) {
    part.negative = !part.negative;
    split(e->ops[0], part, parts);
    return true;
  }
  if (isOp(e, "arith.extf") || isOp(e, "arith.truncf")) {
    split(e->ops[0], part, parts);
    return true;
  }
  bool divides = isOp(e, "arith.divf");
  if (isOp(e, "arith.mulf") || divides) {
    unsigned side = mentions(e->ops[0]) ? 0 : 1;
    if (mentions(e->ops[1 - side]) || (divides && side == 1))
      return false;
    part.factors.push_back({e->ops[1 - side], divides});
    split(e->ops[side], part, parts);
    return true;
  }
  if (e->kind != Kind::Select || mentions(e->ops[0]))
    return false;
  for (unsigned side : {1, 2}) {
    if (!isZero(e->ops[3 - side]))
      continue;
    part.conditions.push_back(side == 1 ? e->ops[0] : cx.logicalNot(e->ops[0]));
    split(e->ops[side], part, parts);
    return true;
  }
  return false;
}

void ProductEmitter::split(Expr e, LinearPart part, SmallVectorImpl<LinearPart> &parts) {
  if (mentions(e) && e->kind != Kind::Read && splitProduct(e, part, parts))
    return;
  part.leaf = e;
  parts.push_back(part);
}

/// value (1 if null) times the part's factors, as f32; null for exactly 1.
Expr ProductEmitter::weigh(const LinearPart &part, double constant, Expr value) {
  Type f32 = Float32Type::get(cx.getContext());
  auto asF32 = [&](Expr e) {
    if (e->type.isF32())
      return e;
    return cx.op(e->type.isF64() ? "arith.truncf" : "arith.extf", f32, {e});
  };
  Expr weight = value ? asF32(value) : nullptr;
  double factor = part.negative ? -constant : constant;
  for (auto [e, divides] : part.factors) {
    Expr rest;
    double c = splitConstant(e, rest);
    factor = divides ? factor / c : factor * c;
    if (!rest)
      continue;
    if (!weight && divides)
      weight = cx.floatConst(1.0, f32);
    weight = !weight ? asF32(rest)
                     : cx.op(divides ? "arith.divf" : "arith.mulf", f32, {weight, asF32(rest)});
  }
  if (factor != 1.0) {
    Expr c = cx.floatConst(factor, f32);
    weight = weight ? cx.op("arith.mulf", f32, {weight, c}) : c;
  }
  if (part.conditions.empty())
    return weight;
  Expr exists = cx.boolConst(true), zero = cx.floatConst(0.0, f32);
  for (Expr condition : part.conditions)
    exists = cx.logicalAnd(exists, condition);
  return cx.select(exists, weight ? weight : cx.floatConst(1.0, f32), zero);
}

Value ProductEmitter::add(Value score, Expr term, bool negative,
                          std::pair<Value, Value> positions,
                          llvm::function_ref<Value(Value, Expr)> addPlain) {
  SmallVector<LinearPart> parts;
  LinearPart whole;
  whole.negative = negative;
  split(term, whole, parts);
  for (LinearPart &part : parts) {
    bool isProduct = part.leaf->kind == Kind::Read && productOf(part.leaf);
    score = isProduct ? addProduct(score, part, positions)
                      : addPlain(score, weigh(part, 1.0, part.leaf));
  }
  return score;
}

//===----------------------------------------------------------------------===//
// rel_dot
//===----------------------------------------------------------------------===//

/// The attention's own q or k where the rows are theirs.
static std::optional<ProductTensor> ownRows(const Product &product, const OperandView &view,
                                            Value tensor, DimsAttr dims) {
  constexpr int64_t channel = AttentionOp::Channel;
  if (product.rows != view.read || dims.dimOf(channel) != 3 ||
      product.channel.index != view.axes[channel].index)
    return std::nullopt;
  ProductTensor result{tensor, SmallVector<Expr>(3)};
  for (int64_t axis = 0; axis < channel; ++axis)
    result.indices[dims.dimOf(axis)] = view.axes[axis].index;
  return result;
}

ProductTensor ProductEmitter::captureRows(const Product &product) {
  if (auto rows = ownRows(product, attention.q, op.getQ(), op.getQDims()))
    return *rows;
  if (auto rows = ownRows(product, attention.k, op.getK(), op.getKDims()))
    return *rows;
  return buildProductTensor(cx, pull, attention, product.channel, product.rows,
                            /*isTable=*/false, outside, op.getLoc());
}

/// The row, moved inside the table where it may be outside: where it does not
/// exist, and where asserts say that it never is.
Expr ProductEmitter::insideTable(Expr row, Expr extent, Expr exists) {
  if (exists)
    row = cx.select(exists, row, cx.intConst(0));
  return cx.max(cx.min(row, cx.sub(extent, cx.intConst(1))), cx.intConst(0));
}

/// The table's first `rows` rows.
static Value cutRows(OpBuilder &builder, Location loc, Value table, int64_t rows) {
  auto type = cast<RankedTensorType>(table.getType());
  if (type.getDimSize(0) == rows)
    return table;
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(builder, loc, table);
  SmallVector<OpFoldResult> offsets(type.getRank(), builder.getIndexAttr(0)),
      strides(type.getRank(), builder.getIndexAttr(1));
  sizes[0] = builder.getIndexAttr(rows);
  return tensor::ExtractSliceOp::create(builder, loc, table, offsets, sizes, strides);
}

Value ProductEmitter::addProduct(Value score, LinearPart &part,
                                 std::pair<Value, Value> positions) {
  const Product product = *productOf(part.leaf);
  Location loc = op.getLoc();
  auto build = [&](Expr read, bool isTable) {
    return buildProductTensor(cx, pull, attention, product.channel, read, isTable, outside, loc);
  };
  ProductTensor table = build(product.table, /*isTable=*/true);
  ProductTensor rows = captureRows(product);
  ProductTensor bias = product.bias ? build(product.bias, /*isTable=*/false) : ProductTensor();
  Expr exists = part.conditions.empty() ? nullptr : cx.boolConst(true);
  for (Expr condition : part.conditions)
    exists = cx.logicalAnd(exists, condition);
  Expr row = table.indices.front();
  int64_t numRows = cast<RankedTensorType>(table.tensor.getType()).getDimSize(0);
  BucketAttr bucket = nameRows(cx, row, exists, attention, numRows);
  if (bucket) {
    part.conditions.clear();
    if (!bucket.allowsMoreRows() || bucket.getNumRows() > numRows)
      table.tensor = cutRows(outside, loc, table.tensor, bucket.getNumRows());
  }
  auto emitAll = [&](ArrayRef<Expr> indices) {
    SmallVector<Value> values;
    for (Expr index : indices)
      values.push_back(emitter.emitIndex(index));
    return values;
  };
  Value rowValue =
      bucket ? Value() : emitter.emitIndex(insideTable(row, table.rowExtent, exists));
  Expr weight = weigh(part, product.constant, nullptr);
  return RelDotOp::create(
      emitter.getBuilder(), loc, score, rows.tensor, emitAll(rows.indices), table.tensor,
      emitAll(ArrayRef(table.indices).drop_front()), bucket ? positions.first : Value(),
      bucket ? positions.second : Value(), bucket, rowValue,
      bias.tensor, emitAll(bias.indices),
      weight ? emitter.emitFloat(weight) : Value());
}
