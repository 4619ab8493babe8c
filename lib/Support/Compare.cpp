//===- Compare.cpp - Arrays against expectations --------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Support/Compare.h"

#include <cmath>
#include <cstring>
#include <limits>

using namespace mlir::posenc;

template <typename T> static T load(const Array &array, int64_t position) {
  T value;
  std::memcpy(&value, static_cast<const char *>(array.data()) + position * sizeof(T),
              sizeof(T));
  return value;
}

static double decodeBF16(uint16_t word) {
  uint32_t bits = static_cast<uint32_t>(word) << 16;
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

static double decodeF16(uint16_t word) {
  int exponent = (word >> 10) & 31, fraction = word & 1023;
  double magnitude;
  if (exponent == 31)
    magnitude = fraction ? std::numeric_limits<double>::quiet_NaN()
                         : std::numeric_limits<double>::infinity();
  else if (exponent == 0)
    magnitude = std::ldexp(fraction, -24);
  else
    magnitude = std::ldexp(fraction + 1024, exponent - 25);
  return word & 0x8000 ? -magnitude : magnitude;
}

/// Any integer or bool, exactly; unsigned 64-bit values wrap, which keeps
/// equality among arrays of one type.
static int64_t getInteger(const Array &array, int64_t position) {
  switch (array.type) {
  case DType::Bool:
    return load<uint8_t>(array, position) != 0;
  case DType::I8:
    return load<int8_t>(array, position);
  case DType::U8:
    return load<uint8_t>(array, position);
  case DType::I16:
    return load<int16_t>(array, position);
  case DType::U16:
  case DType::Raw16:
    return load<uint16_t>(array, position);
  case DType::I32:
    return load<int32_t>(array, position);
  case DType::U32:
    return load<uint32_t>(array, position);
  default:
    return load<int64_t>(array, position);
  }
}

double mlir::posenc::getElement(const Array &array, int64_t position) {
  switch (array.type) {
  case DType::F16:
    return decodeF16(load<uint16_t>(array, position));
  case DType::BF16:
    return decodeBF16(load<uint16_t>(array, position));
  case DType::F32:
    return load<float>(array, position);
  case DType::F64:
    return load<double>(array, position);
  case DType::U64:
    return static_cast<double>(load<uint64_t>(array, position));
  default:
    return static_cast<double>(getInteger(array, position));
  }
}

std::vector<int64_t> mlir::posenc::getIndices(int64_t position,
                                              const std::vector<int64_t> &shape) {
  std::vector<int64_t> indices(shape.size());
  for (size_t axis = shape.size(); axis-- > 0;) {
    indices[axis] = position % shape[axis];
    position /= shape[axis];
  }
  return indices;
}

/// How far two integers of one type are apart. Taken before the conversion,
/// which gives close large integers the same value.
static double getIntegerDistance(const Array &got, const Array &expected, int64_t position) {
  auto a = static_cast<uint64_t>(getInteger(got, position));
  auto b = static_cast<uint64_t>(getInteger(expected, position));
  bool less =
      got.type == DType::U64 ? a < b : static_cast<int64_t>(a) < static_cast<int64_t>(b);
  return static_cast<double>(less ? b - a : a - b);
}

double mlir::posenc::getDefaultTolerance(DType type) {
  double tolerance = 1e-4;
  if (type == DType::F16)
    tolerance += std::ldexp(1, -10);
  if (type == DType::BF16)
    tolerance += std::ldexp(1, -7);
  return tolerance;
}

/// A NaN beats every number and stays.
static bool isFarther(double distance, double than) {
  return (std::isnan(distance) && !std::isnan(than)) || distance > than;
}

Comparison mlir::posenc::compare(const Array &got, const Array &expected, double rtol,
                                 double atol) {
  Comparison result;
  bool exact = !isFloat(got.type);
  int64_t count = got.getNumElements();
  double mismatch = 0;
  for (int64_t i = 0; i < count; ++i) {
    double a = getElement(got, i), b = getElement(expected, i);
    double abs = exact ? getIntegerDistance(got, expected, i) : a == b ? 0 : std::fabs(a - b);
    bool equal = abs == 0;
    // An infinite expectation makes the tolerance infinite; it admits itself only.
    bool agrees = equal || (!exact && std::isfinite(b) && abs <= atol + rtol * std::fabs(b));
    if (result.worst < 0 || isFarther(abs, result.maxAbs)) {
      result.maxAbs = abs;
      result.worst = i;
    }
    if (!agrees && (!result.mismatches++ || isFarther(abs, mismatch))) {
      mismatch = abs;
      result.worstMismatch = i;
      result.got = a;
      result.expected = b;
    }
    if (b != 0 && !equal) {
      double rel = std::isinf(b) ? abs : abs / std::fabs(b);
      if (isFarther(rel, result.maxRel))
        result.maxRel = rel;
    }
  }
  return result;
}

int64_t mlir::posenc::countNaN(const Array &array, int64_t &first) {
  int64_t found = 0, count = isFloat(array.type) ? array.getNumElements() : 0;
  for (int64_t i = 0; i < count; ++i)
    if (std::isnan(getElement(array, i)) && !found++)
      first = i;
  return found;
}
