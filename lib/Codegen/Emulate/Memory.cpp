//===- Memory.cpp - Globals and address spaces on the host ----------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"

#include "mlir/IR/AttrTypeSubElements.h"
#include "mlir/Interfaces/DataLayoutInterfaces.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::emulate;

/// The same number for NVIDIA and AMD.
static constexpr unsigned sharedSpace = 3;

//===----------------------------------------------------------------------===//
// Globals
//===----------------------------------------------------------------------===//

static bool isUndefined(LLVM::GlobalOp global) {
  if (Attribute value = global.getValueOrNull())
    return isa<LLVM::UndefAttr, LLVM::PoisonAttr>(value);
  Block *block = global.getInitializerBlock();
  if (!block)
    return true;
  Operation *value = cast<LLVM::ReturnOp>(block->getTerminator()).getArg().getDefiningOp();
  return isa_and_nonnull<LLVM::UndefOp, LLVM::PoisonOp>(value);
}

static LogicalResult placeShared(Module &module, LLVM::GlobalOp global) {
  if (!isUndefined(global))
    return global.emitOpError("expected shared memory without an initial value");
  auto array = dyn_cast<LLVM::LLVMArrayType>(global.getGlobalType());
  if (array && array.getNumElements() == 0) {
    module.shared[global.getSymName()] = std::nullopt;
    return success();
  }
  DataLayout layout = DataLayout::closest(global);
  uint64_t bytes = layout.getTypeSize(global.getGlobalType()).getFixedValue();
  uint64_t alignment =
      global.getAlignment().value_or(layout.getTypeABIAlignment(global.getGlobalType()));
  module.shared[global.getSymName()] =
      module.tables.addShared(global.getSymName(), bytes, alignment);
  return success();
}

static void replaceTypes(Operation *op, AttrTypeReplacer &replacer) {
  replacer.recursivelyReplaceElementsIn(op, /*replaceAttrs=*/true, /*replaceLocs=*/false,
                                        /*replaceTypes=*/true);
}

static AttrTypeReplacer makeHostPointers() {
  AttrTypeReplacer replacer;
  replacer.addReplacement(
      [](LLVM::LLVMPointerType type) { return LLVM::LLVMPointerType::get(type.getContext()); });
  return replacer;
}

/// Addresses of other globals in an initial value are renamed with them.
static void moveConstant(Module &module, LLVM::GlobalOp global) {
  uint64_t bytes =
      DataLayout::closest(global).getTypeSize(global.getGlobalType()).getFixedValue();
  global->remove();
  OpBuilder(module.source).insert(global);
  global.setSymName(module.rename(global.getSymName()));
  global.setLinkage(LLVM::Linkage::Internal);
  global.setAddrSpace(0);
  global.walk([&](LLVM::AddressOfOp address) {
    address.setGlobalName(module.rename(address.getGlobalName()));
  });
  AttrTypeReplacer replacer = makeHostPointers();
  replaceTypes(global, replacer);
  module.tables.addConstant(global.getSymName(), bytes);
}

LogicalResult emulate::moveGlobals(Module &module) {
  for (auto global : llvm::make_early_inc_range(module.source.getOps<LLVM::GlobalOp>())) {
    if (global.getAddrSpace() == sharedSpace) {
      if (failed(placeShared(module, global)))
        return failure();
    } else if (global.getConstant()) {
      moveConstant(module, global);
    } else {
      return global.emitOpError("expected a constant but got global memory that kernels can "
                                "write, which the emulator has no model for");
    }
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Address spaces
//===----------------------------------------------------------------------===//

static bool isShared(Value pointer) {
  auto type = dyn_cast<LLVM::LLVMPointerType>(pointer.getType());
  return type && type.getAddressSpace() == sharedSpace;
}

/// On the device these integers are offsets in shared memory.
void Lowering::lowerAddressCast(Operation *op) {
  Value from = op->getOperand(0), to = op->getResult(0);
  if (!isShared(from) && !isShared(to))
    return;
  Location loc = op->getLoc();
  Type i64 = builder.getI64Type();
  Value base =
      frame.readThread(frame.getThread().getType(), offsetof(posenc_emu_thread, shared));
  if (isa<LLVM::PtrToIntOp>(op)) {
    base = LLVM::PtrToIntOp::create(builder, loc, i64, base);
    Value address = LLVM::PtrToIntOp::create(builder, loc, i64, from);
    Value offset = LLVM::SubOp::create(builder, loc, address, base);
    unsigned width = to.getType().getIntOrFloatBitWidth();
    if (width < 64)
      offset = LLVM::TruncOp::create(builder, loc, to.getType(), offset);
    else if (width > 64)
      offset = LLVM::ZExtOp::create(builder, loc, to.getType(), offset);
    return replace(op, offset);
  }
  if (from.getType().getIntOrFloatBitWidth() < 64)
    from = LLVM::ZExtOp::create(builder, loc, i64, from);
  replace(op, LLVM::GEPOp::create(builder, loc, to.getType(), builder.getI8Type(), base,
                                  LLVM::GEPArg(from)));
}

void emulate::mergeAddressSpaces(LLVM::LLVMFuncOp func) {
  AttrTypeReplacer replacer = makeHostPointers();
  replaceTypes(func, replacer);
  func.walk([](LLVM::AddrSpaceCastOp cast) {
    cast.replaceAllUsesWith(cast.getArg());
    cast.erase();
  });
}
