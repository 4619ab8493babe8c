//===- NVIDIAMma.cpp - Tensor cores: mma.sync -----------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// D = A·B + C with A row-major and B column-major. One map serves every shape: a
// register holds W = 32 / bits elements, g = lane / 4, t = lane % 4, and
//   A register r, element i:  row g + 8(r % 2), or g where there are 8 rows;
//                             k = W·t + i + 4W·(r / 2), or 4W·r where there are 8 rows
//   B register r, element i:  k = W·t + i + 4W·r, column g
//   C and D element i:        row g + 8(i / 2), column 2t + i % 2
//
// Numbers. A product of two f16, bf16 or tf32 numbers is exact in f32 (but where its
// exponent leaves f32's range; hardware has a wider one inside). The sum starts from C
// and adds the products in f32, k ascending, each addition rounded to nearest even; an
// f16 accumulator is widened to f32 first and rounded once at the end. Hardware adds
// groups of products with C in a wider fixed point and truncates, so that results agree
// to within a few units of f32's last place of the largest term, and exactly where all
// sums are exact. Of a tf32 operand the low 13 bits are ignored, as hardware does.
//===----------------------------------------------------------------------===//

#include "Chips.h"
#include "Floats.h"
#include "Masks.h"
#include "NVIDIATables.h"
#include "Operands.h"

#include <algorithm>

using namespace posenc::emulator;

namespace {
enum class Kind { F16, BF16, TF32, Signed, Unsigned, Bit };

struct Element {
  const char *name;
  Kind kind;
  unsigned bits;
};

/// An instruction's shape and formats.
struct Form {
  unsigned m, k, perRegister;
  const Element *a, *b;

  unsigned registersOfA() const { return m / 8 * registersOfB(); }
  unsigned registersOfB() const { return k / (4 * perRegister); }
  bool isFloat() const {
    return a->kind == Kind::F16 || a->kind == Kind::BF16 || a->kind == Kind::TF32;
  }
};

/// Both factors, decoded. Lies on a fiber's stack.
template <class T, unsigned depth> struct Factors {
  T a[16][depth], b[8][depth];
};
using FloatFactors = Factors<float, 16>;
using IntegerFactors = Factors<int16_t, 256>;
} // namespace

static constexpr unsigned kLanes = 32;
static constexpr Element elements[] = {
    {"f16", Kind::F16, 16},    {"bf16", Kind::BF16, 16},  {"tf32", Kind::TF32, 32},
    {"s8", Kind::Signed, 8},   {"u8", Kind::Unsigned, 8}, {"s4", Kind::Signed, 4},
    {"u4", Kind::Unsigned, 4}, {"b1", Kind::Bit, 1},
};

static const Element *findElement(std::string_view type) {
  std::string_view name = type.empty() ? "f16" : keyword(type);
  for (const Element &element : elements)
    if (name == element.name)
      return &element;
  return nullptr;
}

/// Null where there is no model, with the reason.
static const char *parseForm(const posenc_emu_site &site, Form &form) {
  form.a = findElement(attribute(site, "multiplicandAPtxType"));
  form.b = findElement(attribute(site, "multiplicandBPtxType"));
  if (!form.a || !form.b)
    return "operands of this type have no model";
  std::string_view shape = attribute(site, "shape");
  int64_t m = parameter(shape, "m"), n = parameter(shape, "n"), k = parameter(shape, "k");
  form.perRegister = 32 / form.a->bits;
  int64_t step = 4 * form.perRegister;
  bool volta = m == 8 && form.isFloat();
  if (volta || (m != 8 && m != 16) || n != 8 || (k != step && k != 2 * step))
    return "this shape has no model";
  if (keyword(attribute(site, "layoutA")) != "row" ||
      keyword(attribute(site, "layoutB")) != "col")
    return "only layouts row and col have a model";
  form.m = unsigned(m);
  form.k = unsigned(k);
  return nullptr;
}

static const char *refuseForm(const posenc_emu_site &site) {
  Form form;
  return parseForm(site, form);
}

/// sm_75 has f16 with k = 8 and the shapes of 8 rows.
static const char *lacksForm(const posenc_emu_site &site, std::string_view chip) {
  Form form;
  if (smVersion(chip) >= 80 || parseForm(site, form))
    return nullptr;
  bool old = form.a->kind == Kind::F16 ? form.k == 8 : form.m == 8;
  if (smVersion(chip) < 75)
    return "sm_75 and later";
  return old ? nullptr : "sm_80 and later";
}

static uint32_t readRegister(const Group &group, unsigned lane, unsigned operand) {
  if (group.elements(operand) == 1)
    return group.get<uint32_t>(lane, operand);
  return group.get<uint16_t>(lane, operand, 0) | uint32_t(group.get<uint16_t>(lane, operand, 1))
                                                     << 16;
}

static float decodeElement(const Element &element, uint32_t word, unsigned i, float) {
  uint16_t half = uint16_t(word >> 16 * i);
  switch (element.kind) {
  case Kind::F16:
    return fromF16(half);
  case Kind::BF16:
    return fromBF16(half);
  default:
    return bitsToFloat(word & 0xFFFFE000);
  }
}

static int16_t decodeElement(const Element &element, uint32_t word, unsigned i, int16_t) {
  unsigned unused = 32 - element.bits;
  uint32_t high = word >> (element.bits * i) << unused;
  return int16_t(element.kind == Kind::Signed ? int32_t(high) >> unused : high >> unused);
}

template <class T, unsigned depth>
static void readFactors(const Group &group, const Form &form, Factors<T, depth> &factors) {
  unsigned width = form.perRegister, rowBlocks = form.m / 8;
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    unsigned g = lane / 4, t = lane % 4;
    for (unsigned r = 0; r < form.registersOfA(); ++r) {
      uint32_t word = readRegister(group, lane, r);
      T *to = &factors.a[g + 8 * (r % rowBlocks)][width * t + 4 * width * (r / rowBlocks)];
      for (unsigned i = 0; i < width; ++i)
        to[i] = decodeElement(*form.a, word, i, T());
    }
    for (unsigned r = 0; r < form.registersOfB(); ++r) {
      uint32_t word = readRegister(group, lane, form.registersOfA() + r);
      for (unsigned i = 0; i < width; ++i)
        factors.b[g][width * t + i + 4 * width * r] = decodeElement(*form.b, word, i, T());
    }
  }
}

/// Element `i` of a lane's part of C, as bits.
static uint32_t readAccumulator(const Group &group, const Form &form, unsigned lane,
                                unsigned i) {
  unsigned first = form.registersOfA() + form.registersOfB();
  unsigned perOperand = group.elements(first);
  if (perOperand == 2)
    return group.get<uint16_t>(lane, first + i / 2, i % 2);
  return group.get<uint32_t>(lane, first + i);
}

/// Calls `compute(lane, i, row, column)` for the elements of D.
template <class Compute> static void forEachResult(const Form &form, Compute compute) {
  for (unsigned lane = 0; lane < kLanes; ++lane)
    for (unsigned i = 0; i < form.m / 4; ++i)
      compute(lane, i, lane / 4 + 8 * (i / 2), 2 * (lane % 4) + i % 2);
}

static void multiplyFloats(Group &group, const Form &form) {
  FloatFactors factors;
  readFactors(group, form, factors);
  unsigned first = form.registersOfA() + form.registersOfB();
  bool halfC = group.type(first) == "f16", halfD = resultType(group.site(), 0) == "f16";
  forEachResult(form, [&](unsigned lane, unsigned i, unsigned row, unsigned column) {
    uint32_t bits = readAccumulator(group, form, lane, i);
    float sum = halfC ? fromF16(uint16_t(bits)) : bitsToFloat(bits);
    for (unsigned k = 0; k < form.k; ++k)
      sum += factors.a[row][k] * factors.b[column][k];
    if (halfD)
      group.set<uint16_t>(lane, i, toF16(sum));
    else
      group.set<float>(lane, i, sum);
  });
}

static void multiplyIntegers(Group &group, const Form &form) {
  IntegerFactors factors;
  readFactors(group, form, factors);
  bool clamp = keyword(group.attribute("intOverflowBehavior")) == "satfinite";
  bool both = keyword(group.attribute("b1Op")) == "and_popc";
  forEachResult(form, [&](unsigned lane, unsigned i, unsigned row, unsigned column) {
    int64_t sum = int32_t(readAccumulator(group, form, lane, i));
    for (unsigned k = 0; k < form.k; ++k) {
      int32_t a = factors.a[row][k], b = factors.b[column][k];
      sum += form.a->kind != Kind::Bit ? a * b : both ? a & b : a ^ b;
    }
    if (clamp)
      sum = std::clamp<int64_t>(sum, INT32_MIN, INT32_MAX);
    group.set<int32_t>(lane, i, int32_t(uint32_t(uint64_t(sum))));
  });
}

static Outcome multiply(Group &group) {
  Form form;
  if (const char *why = parseForm(group.site(), form)) {
    group.report(0, why);
    return Outcome::Done;
  }
  if (!checkWholeWarp(group))
    return Outcome::Done;
  group.count(POSENC_EMU_TENSOR, uint64_t(form.m) * 8 * form.k);
  if (form.isFloat())
    multiplyFloats(group, form);
  else
    multiplyIntegers(group, form);
  return Outcome::Done;
}

static const Instruction instructions[] = {
    {"nvvm.mma.sync", Scope::Warp, multiply, -1, false, refuseForm, lacksForm},
};

Table posenc::emulator::nvidiaMmaInstructions() {
  return {instructions, sizeof(instructions) / sizeof(instructions[0])};
}
