//===- RuntimeImages.cpp - Kernels as data of the program -----------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// Builds the structs of posenc/Runtime/CompiledCode.h as globals.
//===----------------------------------------------------------------------===//

#include "RuntimeImages.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/LLVMIR/ROCDLDialect.h"
#include "mlir/IR/SymbolTable.h"

using namespace mlir;

static OpBuilder atStart(ModuleOp module) { return OpBuilder::atBlockBegin(module.getBody()); }

/// A private global; renamed if the module has such a symbol.
static LLVM::GlobalOp createData(ModuleOp module, Location loc, StringRef name, Type type,
                                 Attribute value, uint64_t alignment = 0) {
  OpBuilder builder(module.getContext());
  auto global = LLVM::GlobalOp::create(builder, loc, type, /*isConstant=*/true,
                                       LLVM::Linkage::Private, name, value, alignment);
  SymbolTable(module).insert(global, module.getBody()->begin());
  return global;
}

LLVM::GlobalOp posenc::createRuntimeString(ModuleOp module, Location loc, StringRef name,
                                           StringRef text) {
  Builder builder(module.getContext());
  std::string bytes = text.str();
  bytes.push_back('\0');
  auto type = LLVM::LLVMArrayType::get(builder.getI8Type(), bytes.size());
  // The driver maps a cubin where it lies, as an ELF file.
  constexpr uint64_t alignment = 16;
  return createData(module, loc, name, type, builder.getStringAttr(bytes), alignment);
}

/// A struct (or array of structs) built up field by field.
namespace {
class Initializer {
public:
  Initializer(LLVM::GlobalOp global)
      : global(global), builder(OpBuilder::atBlockEnd(builderBlock(global))),
        value(LLVM::PoisonOp::create(builder, global.getLoc(), global.getType())) {}

  void insert(ArrayRef<int64_t> position, Value field) {
    value = LLVM::InsertValueOp::create(builder, global.getLoc(), value, field, position);
  }
  void insertAddress(ArrayRef<int64_t> position, LLVM::GlobalOp target) {
    insert(position, LLVM::AddressOfOp::create(builder, global.getLoc(), target));
  }
  void insertInteger(ArrayRef<int64_t> position, uint64_t number) {
    insert(position, LLVM::ConstantOp::create(builder, global.getLoc(), builder.getI64Type(),
                                              builder.getI64IntegerAttr(number)));
  }
  void insertNull(ArrayRef<int64_t> position) {
    insert(position, LLVM::ZeroOp::create(builder, global.getLoc(),
                                          LLVM::LLVMPointerType::get(global.getContext())));
  }
  void finish() { LLVM::ReturnOp::create(builder, global.getLoc(), value); }

private:
  static Block *builderBlock(LLVM::GlobalOp global) {
    return &global.getInitializerRegion().emplaceBlock();
  }

  LLVM::GlobalOp global;
  OpBuilder builder;
  Value value;
};
} // namespace

/// What the runtime calls the format, or nothing if it cannot load it.
static std::optional<StringRef> getFormat(gpu::ObjectAttr object) {
  bool nvidia = isa<NVVM::NVVMTargetAttr>(object.getTarget());
  switch (object.getFormat()) {
  case gpu::CompilationTarget::Assembly:
    return nvidia ? std::optional<StringRef>("ptx") : std::nullopt;
  case gpu::CompilationTarget::Binary:
    return StringRef(nvidia ? "cubin" : "hsaco");
  default:
    return std::nullopt;
  }
}

static std::optional<StringRef> getChip(gpu::ObjectAttr object) {
  if (auto target = dyn_cast<NVVM::NVVMTargetAttr>(object.getTarget()))
    return target.getChip();
  if (auto target = dyn_cast<ROCDL::ROCDLTargetAttr>(object.getTarget()))
    return target.getChip();
  return std::nullopt;
}

static LogicalResult checkObject(gpu::BinaryOp binary, gpu::ObjectAttr object) {
  if (!getChip(object))
    return binary.emitOpError("expected objects for nvvm or rocdl targets but got ")
           << object.getTarget();
  if (getFormat(object))
    return success();
  return binary.emitOpError("expected objects in the format ptx, cubin or hsaco but got ")
         << stringifyCompilationTarget(object.getFormat()) << " for " << *getChip(object);
}

/// The array of posenc_rt_image.
static FailureOr<LLVM::GlobalOp> createImages(ModuleOp module, gpu::BinaryOp binary) {
  Location loc = binary.getLoc();
  auto objects = binary.getObjects().getAsRange<gpu::ObjectAttr>();
  for (gpu::ObjectAttr object : objects)
    if (failed(checkObject(binary, object)))
      return failure();
  MLIRContext *context = module.getContext();
  auto ptr = LLVM::LLVMPointerType::get(context);
  auto image =
      LLVM::LLVMStructType::getLiteral(context, {ptr, ptr, ptr, IntegerType::get(context, 64)});
  auto type = LLVM::LLVMArrayType::get(image, binary.getObjects().size());
  std::string name = binary.getName().str();
  LLVM::GlobalOp global =
      createData(module, loc, "posenc_image_list_" + name, type, Attribute());
  Initializer initializer(global);
  for (auto [index, object] : llvm::enumerate(objects)) {
    int64_t i = index;
    initializer.insertAddress(
        {i, 0},
        posenc::createRuntimeString(module, loc, "posenc_chip_" + name, *getChip(object)));
    initializer.insertAddress(
        {i, 1},
        posenc::createRuntimeString(module, loc, "posenc_format_" + name, *getFormat(object)));
    StringRef bytes = object.getObject().getValue();
    initializer.insertAddress(
        {i, 2}, posenc::createRuntimeString(module, loc, "posenc_image_" + name, bytes));
    initializer.insertInteger({i, 3}, bytes.size());
  }
  initializer.finish();
  return global;
}

/// A symbol that other parts of the program know by its name.
static FailureOr<LLVM::GlobalOp> createKnown(ModuleOp module, Location loc, StringRef name,
                                             Type type, bool isConstant) {
  if (Operation *other = module.lookupSymbol(name)) {
    InFlightDiagnostic diag = emitError(loc, "expected the symbol @")
                              << name << " to be free for the runtime";
    diag.attachNote(other->getLoc()) << "it is taken here";
    return failure();
  }
  OpBuilder builder = atStart(module);
  auto global = LLVM::GlobalOp::create(builder, loc, type, isConstant, LLVM::Linkage::External,
                                       name, Attribute());
  global.setVisibility_(LLVM::Visibility::Hidden);
  return global;
}

/// posenc_rt_images: declared, or defined with a list that may be null.
static FailureOr<LLVM::GlobalOp> createImagesSymbol(ModuleOp module, Location loc,
                                                    StringRef name) {
  MLIRContext *context = module.getContext();
  auto type = LLVM::LLVMStructType::getLiteral(
      context, {IntegerType::get(context, 64), LLVM::LLVMPointerType::get(context)});
  return createKnown(module, loc, "posenc_images_" + name.str(), type, /*isConstant=*/true);
}

/// posenc_rt_module.
static FailureOr<LLVM::GlobalOp> createModuleSymbol(ModuleOp module, Location loc,
                                                    StringRef name, LLVM::GlobalOp images) {
  auto ptr = LLVM::LLVMPointerType::get(module.getContext());
  auto type = LLVM::LLVMStructType::getLiteral(module.getContext(), {ptr, ptr, ptr});
  FailureOr<LLVM::GlobalOp> global =
      createKnown(module, loc, "posenc_module_" + name.str(), type, /*isConstant=*/false);
  if (failed(global))
    return failure();
  Initializer initializer(*global);
  initializer.insertAddress(
      {0}, posenc::createRuntimeString(module, loc, "posenc_name_" + name.str(), name));
  initializer.insertAddress({1}, images);
  initializer.insertNull({2});
  initializer.finish();
  return global;
}

FailureOr<LLVM::GlobalOp> posenc::createEmptyRuntimeModule(ModuleOp module, Location loc) {
  constexpr StringLiteral name = "constants";
  FailureOr<LLVM::GlobalOp> images = createImagesSymbol(module, loc, name);
  if (failed(images))
    return failure();
  Initializer initializer(*images);
  initializer.insertInteger({0}, 0);
  initializer.insertNull({1});
  initializer.finish();
  return createModuleSymbol(module, loc, name, *images);
}

FailureOr<LLVM::GlobalOp> posenc::createRuntimeModule(ModuleOp module,
                                                      SymbolOpInterface kernels) {
  Location loc = kernels.getLoc();
  std::string name = kernels.getName().str();
  FailureOr<LLVM::GlobalOp> images = createImagesSymbol(module, loc, name);
  if (failed(images))
    return failure();
  if (auto binary = dyn_cast<gpu::BinaryOp>(kernels.getOperation())) {
    FailureOr<LLVM::GlobalOp> list = createImages(module, binary);
    if (failed(list))
      return failure();
    Initializer initializer(*images);
    initializer.insertInteger({0}, binary.getObjects().size());
    initializer.insertAddress({1}, *list);
    initializer.finish();
  }
  return createModuleSymbol(module, loc, name, *images);
}
