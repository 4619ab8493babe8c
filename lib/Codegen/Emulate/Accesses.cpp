//===- Accesses.cpp - Accesses to memory that the emulator checks ---------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"
#include "Scalars.h"

#include "mlir/Interfaces/DataLayoutInterfaces.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::emulate;

namespace {
/// What an op does to memory.
struct Access {
  posenc_emu_kind kind;
  Value address;
  Value length; ///< in bytes, if it is not that of `type`
  Type type;
  std::optional<uint64_t> alignment;
};
} // namespace

static Access makeCopyAccess(posenc_emu_kind kind, Value address, Value length) {
  return {kind, address, length, Type(), 1};
}

static SmallVector<Access, 2> findAccesses(Operation *op) {
  using List = SmallVector<Access, 2>;
  return TypeSwitch<Operation *, List>(op)
      .Case([](LLVM::LoadOp load) {
        bool isAtomic = load.getOrdering() != LLVM::AtomicOrdering::not_atomic;
        return List{{isAtomic ? POSENC_EMU_ATOMIC : POSENC_EMU_LOAD, load.getAddr(), Value(),
                     load.getType(), load.getAlignment()}};
      })
      .Case([](LLVM::StoreOp store) {
        bool isAtomic = store.getOrdering() != LLVM::AtomicOrdering::not_atomic;
        return List{{isAtomic ? POSENC_EMU_ATOMIC : POSENC_EMU_STORE, store.getAddr(), Value(),
                     store.getValue().getType(), store.getAlignment()}};
      })
      .Case([](LLVM::AtomicRMWOp atomic) {
        return List{{POSENC_EMU_ATOMIC, atomic.getPtr(), Value(), atomic.getVal().getType(),
                     atomic.getAlignment()}};
      })
      .Case([](LLVM::AtomicCmpXchgOp atomic) {
        return List{{POSENC_EMU_ATOMIC, atomic.getPtr(), Value(), atomic.getVal().getType(),
                     atomic.getAlignment()}};
      })
      .Case<LLVM::MemcpyOp, LLVM::MemmoveOp>([](auto copy) {
        return List{makeCopyAccess(POSENC_EMU_LOAD, copy.getSrc(), copy.getLen()),
                    makeCopyAccess(POSENC_EMU_STORE, copy.getDst(), copy.getLen())};
      })
      .Case([](LLVM::MemsetOp set) {
        return List{makeCopyAccess(POSENC_EMU_STORE, set.getDst(), set.getLen())};
      })
      .Default(List{});
}

static size_t getEntry(posenc_emu_kind kind) {
  switch (kind) {
  case POSENC_EMU_LOAD:
    return offsetof(posenc_emu_api, load);
  case POSENC_EMU_STORE:
    return offsetof(posenc_emu_api, store);
  default:
    return offsetof(posenc_emu_api, atomic);
  }
}

/// The number of bytes as i64.
static Value getLength(OpBuilder &builder, Frame &frame, Operation *op, const Access &access) {
  Type i64 = builder.getI64Type();
  if (!access.length)
    return frame.getConstant(i64,
                             DataLayout::closest(op).getTypeSize(access.type).getFixedValue());
  if (access.length.getType() == i64)
    return access.length;
  return LLVM::ZExtOp::create(builder, op->getLoc(), i64, access.length);
}

void Lowering::reportAccess(Operation *op) {
  for (const Access &access : findAccesses(op)) {
    uint64_t alignment = access.alignment.value_or(0);
    if (alignment == 0)
      alignment = DataLayout::closest(op).getTypeABIAlignment(access.type);
    SmallVector<Type> types;
    if (access.type)
      types.push_back(access.type);
    // Threads that poll let others run at atomic accesses.
    bool isAlwaysTold = access.kind == POSENC_EMU_ATOMIC;
    if (!isAlwaysTold && !module.tables.hasChecks() && !module.tables.hasStatistics())
      continue;
    bool reads = access.kind == POSENC_EMU_LOAD;
    std::string signature =
        reads ? formatSignature({}, types) : formatSignature(types, TypeRange());
    uint32_t site = module.tables.addSite(access.kind, getInstructionName(op),
                                          formatLocation(op), "", signature, alignment);
    frame.callAPI(builder, op->getLoc(), getEntry(access.kind),
                  {access.address, getLength(builder, frame, op, access),
                   frame.getConstant(builder.getI32Type(), site)});
  }
}
