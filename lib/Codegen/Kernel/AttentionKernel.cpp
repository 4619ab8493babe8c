//===- AttentionKernel.cpp - An attention op inside its kernel ------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Codegen/Kernel/AttentionKernel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/SymbolTable.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::kernel;

static constexpr StringLiteral kernelAttrName = "posenc.kernel";

//===----------------------------------------------------------------------===//
// Extents
//===----------------------------------------------------------------------===//

int64_t kernel::getStaticExtent(AttentionOp op, AttentionOp::Logical which, bool ofKeys) {
  SmallVector<int64_t> known;
  auto note = [&](Value tensor, DimsAttr dims) {
    known.push_back(AttentionOp::getExtent(tensor, dims, which));
  };
  if (ofKeys || which == AttentionOp::Batch) {
    if (which != AttentionOp::Channel) // D of keys is D of queries; Dv is v's and o's
      note(op.getK(), op.getKDims());
    note(op.getV(), op.getVDims());
  }
  if (!ofKeys || which == AttentionOp::Batch) {
    note(op.getQ(), op.getQDims());
    if (which == AttentionOp::Channel)
      note(op.getK(), op.getKDims());
    else
      note(op.getOutput(), op.getODims());
  }
  if (ofKeys && which == AttentionOp::Channel)
    note(op.getOutput(), op.getODims());
  auto it = llvm::find_if_not(known, ShapedType::isDynamic);
  return it == known.end() ? ShapedType::kDynamic : *it;
}

/// Builds the extents from the views (of the op, or of the kernel).
static Extents buildExtents(const Emit &emit, AttentionOp op, const TensorView &q,
                            const TensorView &k, const TensorView &v) {
  auto build = [&](const TensorView &view, AttentionOp::Logical which, bool ofKeys) {
    int64_t size = getStaticExtent(op, which, ofKeys);
    return ShapedType::isDynamic(size) ? view.extent(emit, which) : emit.index(size);
  };
  using L = AttentionOp::Logical;
  return {build(q, L::Batch, false), build(q, L::Head, false), build(k, L::Head, true),
          build(q, L::Seq, false),   build(k, L::Seq, true),   build(q, L::Channel, false),
          build(v, L::Channel, true)};
}

//===----------------------------------------------------------------------===//
// Kernel function
//===----------------------------------------------------------------------===//

namespace {
/// Values that the kernel takes, with the names that its metadata gives them.
struct Arguments {
  SmallVector<Value> values;
  SmallVector<Attribute> names;
  SmallVector<Operation *> constants; // cloned into the kernel instead

  void add(Value value, const Twine &name) {
    if (!value || llvm::is_contained(values, value))
      return;
    if (Operation *def = value.getDefiningOp(); def && def->hasTrait<OpTrait::ConstantLike>()) {
      constants.push_back(def);
      return;
    }
    values.push_back(value);
    names.push_back(StringAttr::get(value.getContext(), name));
  }
};
} // namespace

static Arguments collectArguments(AttentionOp op) {
  Arguments args;
  args.add(op.getQ(), "q");
  args.add(op.getK(), "k");
  args.add(op.getV(), "v");
  args.add(op.getQPositions(), "q_positions");
  args.add(op.getKPositions(), "k_positions");
  args.add(op.getQOffset(), "q_offset");
  args.add(op.getKOffset(), "k_offset");
  args.add(op.getSinks(), "sinks");
  args.add(op.getOutput(), "o");
  args.add(op.getLse(), "lse");
  for (auto [i, value] : llvm::enumerate(getRegionCaptures(op)))
    args.add(value, "capture" + Twine(i));
  return args;
}

static std::string describe(int64_t size, StringRef name) {
  return ShapedType::isDynamic(size) ? name.str() : std::to_string(size);
}

/// What a launcher needs to know that the function type does not say.
static DictionaryAttr buildMetadata(AttentionOp op, StringRef engine,
                                    const LaunchConfig &config, const Arguments &args) {
  Builder b(op.getContext());
  int64_t bytes = 0;
  for (int64_t elements : config.workgroupBuffers)
    bytes += elements * 4;
  std::string grid = "ceildiv(" + describe(getStaticExtent(op, AttentionOp::Seq, false), "Tq") +
                     ", " + std::to_string(config.queryTile) + ") * " +
                     describe(getStaticExtent(op, AttentionOp::Head, false), "Hq") + " * " +
                     describe(getStaticExtent(op, AttentionOp::Batch, false), "B");
  return b.getDictionaryAttr(
      {b.getNamedAttr("engine", b.getStringAttr(engine)),
       b.getNamedAttr("arguments", b.getArrayAttr(args.names)),
       b.getNamedAttr("grid", b.getStrArrayAttr({grid, "1", "1"})),
       b.getNamedAttr("block", b.getI64ArrayAttr({config.threads, 1, 1})),
       b.getNamedAttr("shared_memory", b.getI64IntegerAttr(bytes)),
       // Rows on 16-byte boundaries are read 128 bits at a time; others work.
       b.getNamedAttr("alignment", b.getI64IntegerAttr(16))});
}

/// An empty kernel in its own module beside the function of `op`.
static gpu::GPUFuncOp createKernel(AttentionOp op, const LaunchConfig &config,
                                   const Arguments &args) {
  auto module = op->getParentOfType<ModuleOp>();
  module->setAttr(gpu::GPUDialect::getContainerModuleAttrName(),
                  UnitAttr::get(op.getContext()));
  Location loc = op.getLoc();
  OpBuilder builder(op.getContext());
  auto gpuModule = gpu::GPUModuleOp::create(builder, loc, "posenc_attention");
  SymbolTable(module).insert(gpuModule, module.getBody()->begin());

  builder.setInsertionPointToStart(gpuModule.getBody());
  auto space = gpu::AddressSpaceAttr::get(op.getContext(), gpu::AddressSpace::Workgroup);
  SmallVector<Type> buffers;
  for (int64_t elements : config.workgroupBuffers)
    buffers.push_back(
        MemRefType::get({elements}, builder.getF32Type(), MemRefLayoutAttrInterface(), space));
  // Modules keep their names in a package or a fatbin; so must kernels.
  auto type = builder.getFunctionType(TypeRange(ValueRange(args.values)), {});
  auto func = gpu::GPUFuncOp::create(builder, loc, gpuModule.getName(), type, buffers);
  for (unsigned i = 0; i < buffers.size(); ++i)
    func.setWorkgroupAttributionAttr(i, LLVM::LLVMDialect::getAlignAttrName(),
                                     builder.getI64IntegerAttr(16));
  func->setAttr(gpu::GPUDialect::getKernelFuncAttrName(), builder.getUnitAttr());
  func.setKnownBlockSize(ArrayRef<int32_t>{static_cast<int32_t>(config.threads), 1, 1});
  return func;
}

/// Divides block x into query tile, head and batch. In 32 bits: a grid has at
/// most 2^31 − 1 blocks and a 64-bit division is a long sequence.
static void buildBlockCoordinates(const Emit &emit, AttentionKernel &kernel,
                                  int64_t queryTile) {
  auto cast = [&](Value value, Type type) {
    return emit.builder.createOrFold<arith::IndexCastOp>(emit.loc, type, value);
  };
  Type i32 = emit.builder.getI32Type(), index = emit.builder.getIndexType();
  const Extents &extents = kernel.extents;
  Value tiles = cast(emit.ceilDiv(extents.queries, emit.index(queryTile)), i32);
  Value heads = cast(extents.queryHeads, i32);
  Value block = cast(gpu::BlockIdOp::create(emit.builder, emit.loc, gpu::Dimension::x), i32);
  Value row = emit.div(block, tiles);
  Value head = emit.rem(row, heads);
  Value group = emit.div(heads, cast(extents.keyHeads, i32));
  kernel.firstQuery = emit.mul(cast(emit.rem(block, tiles), index), queryTile);
  kernel.queryHead = cast(head, index);
  kernel.keyHead = cast(emit.div(head, group), index);
  kernel.batch = cast(emit.div(row, heads), index);
}

static AttentionKernel buildContext(const Emit &emit, AttentionOp op, gpu::GPUFuncOp func,
                                    const Arguments &args, int64_t queryTile) {
  AttentionKernel kernel;
  kernel.op = op;
  kernel.target = emit.target;
  kernel.queryTile = queryTile;
  kernel.func = func;
  IRMapping &map = kernel.captures;
  map.map(args.values, func.getArguments().take_front(args.values.size()));
  for (Operation *constant : args.constants)
    emit.builder.clone(*constant, map);
  kernel.q = TensorView(map.lookup(op.getQ()), op.getQDims());
  kernel.k = TensorView(map.lookup(op.getK()), op.getKDims());
  kernel.v = TensorView(map.lookup(op.getV()), op.getVDims());
  kernel.o = TensorView(map.lookup(op.getOutput()), op.getODims());
  kernel.lse = op.getLse() ? map.lookup(op.getLse()) : Value();
  kernel.sinks = op.getSinks() ? map.lookup(op.getSinks()) : Value();
  kernel.positions = PositionSource::get(op).remapped(map);
  kernel.extents = buildExtents(emit, op, kernel.q, kernel.k, kernel.v);
  kernel.thread = gpu::ThreadIdOp::create(emit.builder, emit.loc, gpu::Dimension::x);
  for (BlockArgument buffer : func.getWorkgroupAttributions())
    kernel.workgroup.push_back(buffer);
  buildBlockCoordinates(emit, kernel, queryTile);
  return kernel;
}

//===----------------------------------------------------------------------===//
// Launch
//===----------------------------------------------------------------------===//

/// Another kernel of the module that computes the same: layers of a model share
/// theirs. `func` itself if there is none.
static gpu::GPUFuncOp findEqualKernel(gpu::GPUFuncOp func) {
  for (auto module : func->getParentOfType<ModuleOp>().getOps<gpu::GPUModuleOp>())
    for (auto other : module.getOps<gpu::GPUFuncOp>())
      if (other != func && other.getFunctionType() == func.getFunctionType() &&
          other->getAttr(kernelAttrName) == func->getAttr(kernelAttrName) &&
          OperationEquivalence::isRegionEquivalentTo(&other.getBody(), &func.getBody(),
                                                     OperationEquivalence::IgnoreLocations))
        return other;
  return func;
}

/// Whether there are no rows to compute, whatever their length.
static bool hasNoRows(AttentionOp op) {
  return llvm::any_of(ArrayRef{AttentionOp::Batch, AttentionOp::Head, AttentionOp::Seq},
                      [&](auto which) { return getStaticExtent(op, which, false) == 0; });
}

static void buildLaunch(const Emit &emit, AttentionOp op, gpu::GPUFuncOp func,
                        const Arguments &args, const LaunchConfig &config) {
  Extents extents =
      buildExtents(emit, op, TensorView(op.getQ(), op.getQDims()),
                   TensorView(op.getK(), op.getKDims()), TensorView(op.getV(), op.getVDims()));
  Value tiles = emit.ceilDiv(extents.queries, emit.index(config.queryTile));
  Value blocks = emit.mul(emit.mul(tiles, extents.queryHeads), extents.batch);
  OpBuilder::InsertionGuard guard(emit.builder);
  if (!matchPattern(blocks, m_Constant())) {
    // Drivers refuse an empty grid.
    Value some = emit.less(emit.index(0), blocks);
    auto guarded = scf::IfOp::create(emit.builder, emit.loc, some);
    emit.builder.setInsertionPointToStart(guarded.thenBlock());
  }
  Value one = emit.index(1);
  gpu::LaunchFuncOp::create(emit.builder, emit.loc, func, gpu::KernelDim3{blocks, one, one},
                            gpu::KernelDim3{emit.index(config.threads), one, one},
                            /*dynamicSharedMemorySize=*/Value(), args.values);
}

void kernel::outlineAttention(AttentionOp op, const GPUTarget &target, StringRef engine,
                              const LaunchConfig &config, EmitBody emitBody) {
  if (hasNoRows(op))
    return op.erase();
  Arguments args = collectArguments(op);
  gpu::GPUFuncOp func = createKernel(op, config, args);
  func->setAttr(kernelAttrName, buildMetadata(op, engine, config, args));

  OpBuilder builder(func.getContext());
  builder.setInsertionPointToStart(&func.getBody().front());
  Emit inKernel{builder, op.getLoc(), target};
  AttentionKernel kernel = buildContext(inKernel, op, func, args, config.queryTile);
  emitBody(inKernel, kernel);
  gpu::ReturnOp::create(builder, op.getLoc());

  gpu::GPUFuncOp shared = findEqualKernel(func);
  if (shared != func) {
    func->getParentOp()->erase();
    func = shared;
  }
  OpBuilder host(op);
  buildLaunch(Emit{host, op.getLoc(), target}, op, func, args, config);
  op.erase();
}
