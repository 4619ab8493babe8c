//===- Tables.cpp - What the emulator knows of a module -------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Tables.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::posenc;
using namespace mlir::posenc::emulate;

/// Between buffers of shared memory: wider than a row of a tile, so that an access
/// that is a row too far meets no other buffer.
static constexpr uint64_t sharedGap = 1024;

uint64_t Tables::intern(StringRef text) {
  auto [at, isNew] = interned.try_emplace(text, strings.size());
  if (isNew) {
    strings += text;
    strings += '\0';
  }
  return at->second;
}

uint32_t Tables::addSite(posenc_emu_kind kind, StringRef op, StringRef location,
                         StringRef attributes, StringRef signature, uint32_t alignment) {
  std::string key = llvm::join_items('\0', op, location, attributes, signature,
                                     std::to_string(alignment), std::to_string(kind));
  auto [at, isNew] = knownSites.try_emplace(key, sites.size());
  if (isNew)
    sites.push_back({intern(op), intern(location), intern(attributes), intern(signature),
                     alignment, uint32_t(kind)});
  return at->second;
}

void Tables::addKernel(StringRef name, StringRef location, StringRef symbol,
                       uint64_t arguments) {
  kernels.push_back({intern(name), intern(location), symbol.str(), arguments});
}

void Tables::addConstant(StringRef symbol, uint64_t bytes) {
  constants.push_back({symbol.str(), bytes});
}

uint64_t Tables::addShared(StringRef name, uint64_t bytes, uint64_t alignment) {
  uint64_t offset = llvm::alignTo(sharedBytes, std::max<uint64_t>(alignment, 16));
  shared.push_back({intern(name), offset, bytes});
  sharedBytes = offset + bytes + sharedGap;
  return offset;
}

//===----------------------------------------------------------------------===//
// Globals
//===----------------------------------------------------------------------===//

namespace mlir::posenc::emulate {
/// Writes tables as constant globals of the host.
class TablesWriter {
public:
  TablesWriter(Tables &tables, OpBuilder &builder, Location loc)
      : tables(tables), builder(builder), loc(loc),
        pointer(LLVM::LLVMPointerType::get(builder.getContext())), i32(builder.getI32Type()),
        i64(builder.getI64Type()) {}
  void writeAll();

private:
  /// A field of a row: an integer, a string, or the address of a symbol, which is
  /// null without a name.
  struct Field {
    Type type;
    uint64_t integer = 0;
    bool isText = false;
    std::string symbol = "";
  };
  using Row = SmallVector<Field>;

  Field word(uint64_t value) { return {i32, value}; }
  Field size(uint64_t value) { return {i64, value}; }
  Field text(uint64_t at) { return {pointer, at, true}; }
  Field symbol(StringRef name) { return {pointer, 0, false, name.str()}; }
  /// The address of a table, or null if it is empty.
  Field table(StringRef suffix, size_t size) { return symbol(size ? name(suffix) : ""); }
  std::string name(StringRef suffix) { return tables.getTableName(suffix); }

  Value create(const Field &field);
  void write(StringRef symbol, ArrayRef<Row> rows, bool isArray,
             LLVM::Linkage linkage = LLVM::Linkage::Internal);
  void writeStrings();
  void writeTables();
  void writeModule();

  Tables &tables;
  OpBuilder &builder;
  Location loc;
  Type pointer, i32, i64;
};
} // namespace mlir::posenc::emulate

Value TablesWriter::create(const Field &field) {
  if (field.type != pointer)
    return LLVM::ConstantOp::create(builder, loc, field.type,
                                    builder.getIntegerAttr(field.type, field.integer));
  if (!field.isText && field.symbol.empty())
    return LLVM::ZeroOp::create(builder, loc, pointer);
  Value address = LLVM::AddressOfOp::create(builder, loc, pointer,
                                            field.isText ? name("strings") : field.symbol);
  if (!field.isText || field.integer == 0)
    return address;
  return LLVM::GEPOp::create(builder, loc, pointer, builder.getI8Type(), address,
                             LLVM::GEPArg(int32_t(field.integer)));
}

void TablesWriter::write(StringRef symbol, ArrayRef<Row> rows, bool isArray,
                         LLVM::Linkage linkage) {
  if (rows.empty())
    return;
  SmallVector<Type> types;
  for (const Field &field : rows.front())
    types.push_back(field.type);
  Type row = LLVM::LLVMStructType::getLiteral(builder.getContext(), types);
  Type type = isArray ? LLVM::LLVMArrayType::get(row, rows.size()) : row;
  auto global = LLVM::GlobalOp::create(builder, loc, type, /*isConstant=*/true, linkage, symbol,
                                       Attribute());
  OpBuilder::InsertionGuard guard(builder);
  builder.createBlock(&global.getInitializerRegion());
  Value value = LLVM::ZeroOp::create(builder, loc, type);
  for (auto [i, fields] : llvm::enumerate(rows))
    for (auto [j, field] : llvm::enumerate(fields)) {
      SmallVector<int64_t> position = {int64_t(j)};
      if (isArray)
        position.insert(position.begin(), i);
      value = LLVM::InsertValueOp::create(builder, loc, value, create(field), position);
    }
  LLVM::ReturnOp::create(builder, loc, value);
}

void TablesWriter::writeStrings() {
  auto type = LLVM::LLVMArrayType::get(builder.getI8Type(), tables.strings.size());
  LLVM::GlobalOp::create(builder, loc, type, /*isConstant=*/true, LLVM::Linkage::Internal,
                         name("strings"), builder.getStringAttr(tables.strings));
}

void TablesWriter::writeTables() {
  SmallVector<Row> sites, kernels, shared, constants;
  for (const Tables::Site &site : tables.sites)
    sites.push_back({text(site.op), text(site.location), text(site.attributes),
                     text(site.signature), word(site.alignment), word(site.kind)});
  for (const Tables::Kernel &kernel : tables.kernels)
    kernels.push_back({text(kernel.name), text(kernel.location), symbol(kernel.symbol),
                       size(kernel.arguments)});
  for (const Tables::Shared &buffer : tables.shared)
    shared.push_back({text(buffer.name), size(buffer.offset), size(buffer.bytes)});
  for (const Tables::Constant &constant : tables.constants)
    constants.push_back({symbol(constant.symbol), size(constant.bytes)});
  write(name("sites"), sites, /*isArray=*/true);
  write(name("kernels"), kernels, /*isArray=*/true);
  write(name("shared"), shared, /*isArray=*/true);
  write(name("constants"), constants, /*isArray=*/true);
}

void TablesWriter::writeModule() {
  Row module = {word(POSENC_EMU_VERSION),
                word(tables.wave),
                text(tables.intern(tables.chip)),
                word(tables.kernels.size()),
                word(tables.sites.size()),
                word(tables.shared.size()),
                word(tables.constants.size()),
                table("kernels", tables.kernels.size()),
                table("sites", tables.sites.size()),
                table("shared", tables.shared.size()),
                size(tables.sharedBytes),
                table("constants", tables.constants.size()),
                word(tables.checks),
                word(tables.statistics)};
  write(name("module"), {module}, /*isArray=*/false);
  Row image = {text(tables.intern(tables.chip)), text(tables.intern("emulated")),
               symbol(name("module")), size(sizeof(posenc_emu_module))};
  write(name("image"), {image}, /*isArray=*/true);
  Row images = {size(1), symbol(name("image"))};
  write("posenc_images_" + tables.module, {images}, /*isArray=*/false, LLVM::Linkage::External);
}

void TablesWriter::writeAll() {
  writeTables();
  writeModule();
  writeStrings(); // last: the others add to them
}

void Tables::emit(OpBuilder &builder, Location loc) {
  TablesWriter(*this, builder, loc).writeAll();
}
