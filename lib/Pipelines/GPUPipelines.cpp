//===- GPUPipelines.cpp - From posenc to GPU binaries ---------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Pipelines/GPUPipelines.h"

#include "Import.h"

#include "mlir/Pass/PassRegistry.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace mlir::posenc;

namespace {
/// A chip and the subtarget features that its instructions need.
struct Chip {
  StringLiteral name;
  StringLiteral features;
};
} // namespace

// The PTX version is the oldest that knows the chip, but at least 8.0, which
// has everything the sm_90 instructions need.
static constexpr Chip nvidiaChips[] = {
    {"sm_75", "+ptx80"},   {"sm_80", "+ptx80"},   {"sm_86", "+ptx80"},  {"sm_87", "+ptx80"},
    {"sm_89", "+ptx80"},   {"sm_90", "+ptx80"},   {"sm_90a", "+ptx80"}, {"sm_100", "+ptx86"},
    {"sm_100a", "+ptx86"}, {"sm_103a", "+ptx88"}, {"sm_120", "+ptx87"}, {"sm_120a", "+ptx87"},
    {"sm_121a", "+ptx88"}};
static constexpr Chip amdChips[] = {{"gfx906", ""},  {"gfx908", ""},  {"gfx90a", ""},
                                    {"gfx942", ""},  {"gfx950", ""},  {"gfx1030", ""},
                                    {"gfx1100", ""}, {"gfx1101", ""}, {"gfx1102", ""},
                                    {"gfx1151", ""}, {"gfx1200", ""}, {"gfx1201", ""}};

static std::string quoteAll(ArrayRef<StringRef> names) {
  return llvm::join(
      llvm::map_range(names, [](StringRef name) { return "'" + name.str() + "'"; }), ", ");
}

static const Chip *findChip(ArrayRef<Chip> chips, StringRef name,
                            PipelineErrorHandler onError) {
  for (const Chip &chip : chips)
    if (chip.name == name)
      return &chip;
  SmallVector<StringRef> names;
  for (const Chip &chip : chips)
    names.push_back(chip.name);
  (void)onError("expected chip to be one of " + quoteAll(names) + " but got '" + name + "'");
  return nullptr;
}

static LogicalResult checkFormat(ArrayRef<StringRef> formats, StringRef name,
                                 PipelineErrorHandler onError) {
  if (llvm::is_contained(formats, name))
    return success();
  return onError("expected format to be one of " + quoteAll(formats) + " but got '" + name +
                 "'");
}

/// Calls are gone before kernels are cut out.
static const char *const prepare = "inline";

/// linalg and attention on buffers that somebody frees.
static const char *const toBuffers = R"(
  func.func(convert-elementwise-to-linalg, linalg-generalize-named-ops,
    linalg-fuse-elementwise-ops),
  canonicalize, cse,
  eliminate-empty-tensors,
  one-shot-bufferize{bufferize-function-boundaries=1
    function-boundary-type-conversion=identity-layout-map allow-return-allocs-from-loops=1},
  func.func(scf-forall-to-parallel),
  canonicalize, cse,
  buffer-deallocation-pipeline, convert-bufferization-to-memref,
  canonicalize, cse,
  posenc-attention-to-gpu{chip=$chip})";

/// Buffers to launches and device memory.
static const char *const toLaunches = R"(
  lower-affine,
  posenc-linalg-to-parallel,
  cse,
  posenc-host-access-to-device,
  func.func(posenc-assert-to-flag, posenc-parallel-to-gpu),
  canonicalize, cse,
  gpu-launch-sink-index-computations,
  gpu-kernel-outlining,
  posenc-merge-gpu-modules,
  posenc-place-buffers{device-entry=$deviceEntry resident-constants=$residentConstants},
  canonicalize, cse)";

static const char *const kernelsToCF = R"(
  expand-strided-metadata,
  lower-affine,
  gpu.module(posenc-expand-math{target=$target}, convert-scf-to-cf, canonicalize, cse))";

static const char *const nvvmKernels = R"(
  nvvm-attach-target{chip=$chip features=$features O=3},
  gpu.module(convert-nvgpu-to-nvvm, convert-gpu-to-nvvm,
    convert-to-llvm{filter-dialects=complex,index,math,ub},
    posenc-apply-loop-annotations, reconcile-unrealized-casts, canonicalize, cse))";

static const char *const rocdlKernels = R"(
  rocdl-attach-target{chip=$chip O=3},
  gpu.module(convert-amdgpu-to-rocdl{chipset=$chip},
    convert-gpu-to-rocdl{chipset=$chip runtime=HIP},
    convert-to-llvm{filter-dialects=complex,index,math,ub}, posenc-apply-loop-annotations,
    reconcile-unrealized-casts, canonicalize, cse))";

static const char *const hostToLLVM = R"(
  func.func(llvm-request-c-wrappers, gpu-async-region, posenc-expand-math, convert-scf-to-cf,
    convert-math-to-llvm),
  posenc-host-to-llvm,
  reconcile-unrealized-casts,
  posenc-verify-device-code)";

static LogicalResult append(OpPassManager &pm, StringRef text,
                            ArrayRef<std::pair<StringRef, std::string>> values,
                            PipelineErrorHandler onError) {
  std::string filled = text.trim().str();
  for (const auto &[name, value] : values)
    for (size_t at; (at = filled.find(("$" + name).str())) != std::string::npos;)
      filled.replace(at, name.size() + 1, value);
  std::string message;
  llvm::raw_string_ostream os(message);
  if (succeeded(parsePassPipeline(filled, pm, os)))
    return success();
  return onError(message);
}

static LogicalResult build(OpPassManager &pm, const GPUPipelineOptions &options,
                           StringRef target, const Chip &chip, StringRef kernels,
                           StringRef isaFormat, PipelineErrorHandler onError) {
  std::pair<StringRef, std::string> values[] = {
      {"deviceEntry", options.deviceEntry ? "true" : "false"},
      {"residentConstants", options.residentConstants ? "true" : "false"},
      {"target", target.str()},
      {"chip", chip.name.str()},
      {"features", chip.features.str()}};
  for (StringRef text : {StringRef(prepare), StringRef(kImport), StringRef(kPosEncToLinalg),
                         StringRef(toBuffers), StringRef(toLaunches), StringRef(kernelsToCF),
                         kernels, StringRef(hostToLLVM)})
    if (failed(append(pm, text, values, onError)))
      return failure();
  if (options.format == "llvm")
    return success();
  StringRef format = options.format == isaFormat ? "isa" : "bin";
  // Only now: the emulator reads the module before ops become PTX text.
  std::string last = target == "nvvm" ? "gpu.module(convert-nvvm-to-llvm)," : "";
  return append(pm, last + ("posenc-gpu-to-binary{format=" + format + "}").str(), {}, onError);
}

LogicalResult posenc::buildNVVMPipeline(OpPassManager &pm, const GPUPipelineOptions &options,
                                        PipelineErrorHandler onError) {
  StringRef name = options.chip.empty() ? "sm_90a" : StringRef(options.chip);
  const Chip *chip = findChip(nvidiaChips, name, onError);
  if (!chip || failed(checkFormat({"ptx", "cubin", "llvm"}, options.format, onError)))
    return failure();
  return build(pm, options, "nvvm", *chip, nvvmKernels, "ptx", onError);
}

LogicalResult posenc::buildROCDLPipeline(OpPassManager &pm, const GPUPipelineOptions &options,
                                         PipelineErrorHandler onError) {
  StringRef name = options.chip.empty() ? "gfx942" : StringRef(options.chip);
  const Chip *chip = findChip(amdChips, name, onError);
  if (!chip || failed(checkFormat({"asm", "hsaco", "llvm"}, options.format, onError)))
    return failure();
  return build(pm, options, "rocdl", *chip, rocdlKernels, "asm", onError);
}

StringRef posenc::findGPUPipeline(StringRef chip, std::string &error, StringRef only) {
  SmallVector<StringRef> names;
  StringRef found;
  auto search = [&](StringRef pipeline, ArrayRef<Chip> chips) {
    if (!only.empty() && only != pipeline)
      return;
    for (const Chip &known : chips) {
      if (known.name == chip)
        found = pipeline;
      names.push_back(known.name);
    }
  };
  search("posenc-nvvm-pipeline", nvidiaChips);
  search("posenc-rocdl-pipeline", amdChips);
  if (found.empty())
    error = "expected one of " + quoteAll(names) + " but got '" + chip.str() + "'";
  return found;
}

using Builder_ = LogicalResult (*)(OpPassManager &, const GPUPipelineOptions &,
                                   PipelineErrorHandler);

static void registerOne(StringRef name, StringRef description, StringRef defaultFormat,
                        Builder_ builder) {
  registerPassPipeline(
      name, description,
      [=](OpPassManager &pm, StringRef text, PipelineErrorHandler onError) -> LogicalResult {
        GPUPipelineOptions options;
        if (failed(options.parseFromString(text)))
          return failure();
        if (options.format.empty())
          options.format = defaultFormat.str();
        return builder(pm, options, onError);
      },
      [](function_ref<void(const detail::PassOptions &)> visit) {
        visit(GPUPipelineOptions());
      });
}

void posenc::registerGPUPipelines() {
  registerOne("posenc-nvvm-pipeline",
              "posenc, linalg or tosa on tensors to host code and NVIDIA kernels", "ptx",
              buildNVVMPipeline);
  registerOne("posenc-rocdl-pipeline",
              "posenc, linalg or tosa on tensors to host code and AMD kernels", "asm",
              buildROCDLPipeline);
}
