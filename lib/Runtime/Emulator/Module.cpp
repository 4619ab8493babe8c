//===- Module.cpp - A module of emulated kernels, prepared ------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Module.h"

#include "posenc/Runtime/Emulator/EmulatedCode.h"
#include "posenc/Runtime/Emulator/Instruction.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

using namespace posenc::emulator;

std::string_view Site::attribute(std::string_view name) const {
  for (const auto &[key, value] : attributes)
    if (key == name)
      return value;
  return {};
}

/// Calls `part` with each part of `text` between `separator`s.
template <class F> static void split(std::string_view text, char separator, F part) {
  while (!text.empty()) {
    size_t end = std::min(text.find(separator), text.size());
    if (end)
      part(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

/// "f32x4" is four f32; "f32" is one.
static Operand parseOperand(std::string_view text, unsigned first) {
  size_t times = text.rfind('x');
  if (times == std::string_view::npos || times + 1 == text.size() ||
      text.find_first_not_of("0123456789", times + 1) != std::string_view::npos)
    return {text, first, 1};
  unsigned count =
      unsigned(std::strtoul(std::string(text.substr(times + 1)).c_str(), nullptr, 10));
  return {text.substr(0, times), first, count};
}

static void parseSignature(std::string_view signature, Site &site) {
  size_t arrow = std::min(signature.find('>'), signature.size());
  split(signature.substr(0, arrow), ',', [&](std::string_view text) {
    site.operands.push_back(parseOperand(text, site.operandScalars));
    site.operandScalars += site.operands.back().count;
  });
  if (arrow < signature.size())
    split(signature.substr(arrow + 1), ',',
          [&](std::string_view text) { site.resultScalars += parseOperand(text, 0).count; });
}

static void parseAttributes(std::string_view text, Site &site) {
  split(text, ';', [&](std::string_view attribute) {
    size_t equals = attribute.find('=');
    if (equals != std::string_view::npos)
      site.attributes.emplace_back(attribute.substr(0, equals), attribute.substr(equals + 1));
  });
}

static std::string_view orEmpty(const char *text) { return text ? text : ""; }

/// Whether everything that the image names is there and of this version.
static std::string whyUnusable(const posenc_emu_module &image) {
  if (image.version != POSENC_EMU_VERSION)
    return "expected an emulated module of version " + std::to_string(POSENC_EMU_VERSION) +
           " but got " + std::to_string(image.version);
  if (image.wave != 32 && image.wave != 64)
    return "expected 32 or 64 lanes per warp but got " + std::to_string(image.wave);
  if (!image.chip)
    return "expected an emulated module that names its chip";
  if ((image.kernel_count && !image.kernels) || (image.site_count && !image.sites) ||
      (image.shared_count && !image.shared) || (image.constant_count && !image.constants))
    return "expected an emulated module with all of its tables";
  for (uint32_t i = 0; i < image.shared_count; ++i) {
    const posenc_emu_shared &buffer = image.shared[i];
    if (buffer.bytes > image.shared_bytes || buffer.offset > image.shared_bytes - buffer.bytes)
      return "expected shared buffer " + std::string(orEmpty(buffer.name)) +
             " to lie within the module's shared memory";
  }
  return {};
}

std::unique_ptr<Module> Module::load(const posenc_emu_module &image, std::string &error) {
  error = whyUnusable(image);
  if (!error.empty())
    return nullptr;
  auto module = std::make_unique<Module>();
  module->raw = &image;
  module->chipName = image.chip;
  module->sites.resize(image.site_count);
  for (uint32_t i = 0; i < image.site_count; ++i) {
    Site &site = module->sites[i];
    site.raw = &image.sites[i];
    site.index = i;
    module->siteAlignments.push_back(std::max(site.raw->alignment, 1u));
    site.isPlainStore = orEmpty(site.raw->op) == "llvm.store";
    parseSignature(orEmpty(site.raw->signature), site);
    parseAttributes(orEmpty(site.raw->attributes), site);
    if (site.raw->kind == POSENC_EMU_INSTRUCTION)
      site.instruction = findInstruction(orEmpty(site.raw->op));
  }
  return module;
}

const posenc_emu_kernel *Module::kernel(std::string_view name) const {
  for (uint32_t i = 0; i < raw->kernel_count; ++i)
    if (raw->kernels[i].name == name)
      return &raw->kernels[i];
  return nullptr;
}
