//===- Scalars.cpp - Values and ops as the emulator sees them -------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Scalars.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::posenc;

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

SmallVector<Type> emulate::getParts(Type type) {
  if (auto vector = dyn_cast<VectorType>(type))
    return SmallVector<Type>(vector.getNumElements(), vector.getElementType());
  if (auto array = dyn_cast<LLVM::LLVMArrayType>(type))
    return SmallVector<Type>(array.getNumElements(), array.getElementType());
  if (auto fields = dyn_cast<LLVM::LLVMStructType>(type))
    return SmallVector<Type>(fields.getBody());
  return {};
}

unsigned emulate::countScalars(Type type) {
  if (isa<IntegerType, FloatType, LLVM::LLVMPointerType>(type))
    return 1;
  if (auto vector = dyn_cast<VectorType>(type))
    return vector.getNumElements();
  if (auto array = dyn_cast<LLVM::LLVMArrayType>(type))
    return array.getNumElements() * countScalars(array.getElementType());
  unsigned count = 0;
  if (auto fields = dyn_cast<LLVM::LLVMStructType>(type))
    for (Type field : fields.getBody())
      count += countScalars(field);
  return count;
}

void emulate::getScalarTypes(Type type, SmallVectorImpl<Type> &out) {
  SmallVector<Type> parts = getParts(type);
  if (parts.empty() && countScalars(type) == 1)
    out.push_back(type);
  for (Type part : parts)
    getScalarTypes(part, out);
}

static Value createIndex(OpBuilder &builder, Location loc, int64_t index) {
  return LLVM::ConstantOp::create(builder, loc, builder.getI32Type(),
                                  builder.getI32IntegerAttr(index));
}

void emulate::splitScalars(OpBuilder &builder, Location loc, Value value,
                           SmallVectorImpl<Value> &out) {
  Type type = value.getType();
  SmallVector<Type> parts = getParts(type);
  if (parts.empty() && countScalars(type) == 1)
    out.push_back(value);
  for (int64_t i = 0, e = parts.size(); i < e; ++i) {
    if (isa<VectorType>(type))
      out.push_back(
          LLVM::ExtractElementOp::create(builder, loc, value, createIndex(builder, loc, i)));
    else
      splitScalars(builder, loc, LLVM::ExtractValueOp::create(builder, loc, value, i), out);
  }
}

Value emulate::joinScalars(OpBuilder &builder, Location loc, Type type,
                           ArrayRef<Value> &scalars) {
  SmallVector<Type> parts = getParts(type);
  if (parts.empty() && countScalars(type) == 1) {
    Value scalar = scalars.front();
    scalars = scalars.drop_front();
    return scalar;
  }
  Value whole = LLVM::ZeroOp::create(builder, loc, type);
  for (auto [i, part] : llvm::enumerate(parts)) {
    Value inner = joinScalars(builder, loc, part, scalars);
    if (isa<VectorType>(type))
      whole = LLVM::InsertElementOp::create(builder, loc, whole, inner,
                                            createIndex(builder, loc, i));
    else
      whole = LLVM::InsertValueOp::create(builder, loc, whole, inner, i);
  }
  return whole;
}

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

static void formatType(Type type, SmallVectorImpl<std::string> &out) {
  std::string text;
  llvm::raw_string_ostream os(text);
  if (auto vector = dyn_cast<VectorType>(type)) {
    if (isa<LLVM::LLVMPointerType>(vector.getElementType()))
      os << "ptr";
    else
      os << vector.getElementType();
    os << "x" << vector.getNumElements();
  } else if (auto pointer = dyn_cast<LLVM::LLVMPointerType>(type)) {
    os << (pointer.getAddressSpace() == 8 ? "ptr8" : "ptr"); // A buffer resource of AMD.
  } else if (isa<IntegerType, FloatType>(type)) {
    os << type;
  } else {
    for (Type part : emulate::getParts(type))
      formatType(part, out);
    return;
  }
  out.push_back(text);
}

std::string emulate::formatSignature(TypeRange operands, TypeRange results) {
  SmallVector<std::string> from, to;
  for (Type type : operands)
    formatType(type, from);
  for (Type type : results)
    formatType(type, to);
  return llvm::join(from, ",") + ">" + llvm::join(to, ",");
}

std::string emulate::formatAttributes(Operation *op) {
  std::string text;
  llvm::raw_string_ostream os(text);
  for (NamedAttribute attribute : op->getAttrDictionary()) {
    if (!text.empty())
      os << ";";
    os << attribute.getName().strref() << "=";
    attribute.getValue().print(os);
  }
  return text;
}

/// The first location in `loc` that names a place in a file.
static FileLineColRange findFile(Location loc) {
  if (auto file = dyn_cast<FileLineColRange>(loc))
    return file;
  if (auto named = dyn_cast<NameLoc>(loc))
    return findFile(named.getChildLoc());
  if (auto call = dyn_cast<CallSiteLoc>(loc))
    return findFile(call.getCallee());
  if (auto opaque = dyn_cast<OpaqueLoc>(loc))
    return findFile(opaque.getFallbackLocation());
  if (auto fused = dyn_cast<FusedLoc>(loc))
    for (Location part : fused.getLocations())
      if (FileLineColRange file = findFile(part))
        return file;
  return nullptr;
}

static std::string formatOne(Location loc) {
  std::string text;
  llvm::raw_string_ostream os(text);
  if (FileLineColRange file = findFile(loc))
    os << file.getFilename().strref() << ":" << file.getStartLine() << ":"
       << file.getStartColumn();
  else if (auto named = dyn_cast<NameLoc>(loc))
    os << named.getName().strref();
  else if (!isa<UnknownLoc>(loc))
    os << LocationAttr(loc);
  return text;
}

std::string emulate::formatLocation(Operation *op) {
  for (; op; op = op->getParentOp()) {
    std::string text = formatOne(op->getLoc());
    if (!text.empty())
      return text;
  }
  return "unknown location";
}

StringRef emulate::getInstructionName(Operation *op) {
  if (auto call = dyn_cast<LLVM::CallIntrinsicOp>(op))
    return call.getIntrin();
  return op->getName().getStringRef();
}
