//===- Frequencies.cpp - #posenc.freq: the numbers ------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// Two versions of each rule. The exact one is the formula in double precision.
// The library's rounds to f32 wherever transformers does (tensor2tensor for t2t,
// fairseq for endpoint), because models were trained with those bits: one f32
// operation per statement, so that a host compiler contracts nothing. Powers and
// exponentials are rounded once; PyTorch's own f32 power is within one ulp.
//===----------------------------------------------------------------------===//

#include "posenc/Dialect/PosEnc/IR/PosEnc.h"

#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <cmath>
#include <optional>

using namespace mlir;
using namespace mlir::posenc;

bool FreqAttr::dependsOnLength() const {
  return getKind() == FreqKind::DynamicNTK || getKind() == FreqKind::LongRoPE;
}

//===----------------------------------------------------------------------===//
// What both versions take from Python's doubles
//===----------------------------------------------------------------------===//

double FreqAttr::getMagnitude() const {
  if (getKind() != FreqKind::YaRN && getKind() != FreqKind::LongRoPE)
    return 1;
  if (has("attention_factor"))
    return getReal("attention_factor");
  double factor = getReal("factor");
  if (factor <= 1)
    return 1;
  if (getKind() == FreqKind::LongRoPE)
    return std::sqrt(1 + std::log(factor) / std::log(double(getInteger("original_length"))));
  auto scale = [&](double mscale) { return 0.1 * mscale * std::log(factor) + 1; };
  if (has("mscale"))
    return scale(getReal("mscale")) / scale(getReal("mscale_all_dim"));
  return scale(1);
}

/// The base after ntk or dynamic_ntk.
static double getScaledBase(FreqAttr freq, std::optional<int64_t> length) {
  double base = freq.getReal("base"), dim = double(freq.getDim()), alpha;
  if (freq.getKind() == FreqKind::NTK) {
    alpha = freq.getReal("alpha");
  } else {
    int64_t most = freq.getInteger("max_position");
    double factor = freq.getReal("factor"), n = double(std::max(length.value_or(most), most));
    alpha = factor * n / double(most) - (factor - 1);
  }
  return base * std::pow(alpha, dim / (dim - 2));
}

namespace {
/// The ramp of YaRN: 0 up to `low`, 1 from `high` on.
struct Ramp {
  double low, high;
};
} // namespace

static Ramp getRamp(FreqAttr freq) {
  double dim = double(freq.getDim()), length = double(freq.getInteger("original_length"));
  auto corr = [&](double rotations) {
    return dim * std::log(length / (rotations * 2 * llvm::numbers::pi)) /
           (2 * std::log(freq.getReal("base")));
  };
  Ramp ramp{corr(freq.getReal("beta_fast")), corr(freq.getReal("beta_slow"))};
  if (freq.getFlag("truncate"))
    ramp = {std::floor(ramp.low), std::ceil(ramp.high)};
  ramp = {std::max(ramp.low, 0.0), std::min(ramp.high, dim - 1)};
  if (ramp.low == ramp.high)
    ramp.high += 0.001;
  return ramp;
}

/// Pairs that `proportional` rotates.
static int64_t getNumRotated(FreqAttr freq) {
  return int64_t(std::floor(freq.getReal("proportion") * double(freq.getDim()) / 2));
}

/// ln of the ratio of two neighbouring frequencies of t2t and endpoint.
static double getIncrement(FreqAttr freq) {
  double steps = double(std::max<int64_t>(freq.getNumPairs() - 1, 1));
  if (freq.getKind() == FreqKind::Endpoint)
    return std::log(freq.getReal("base")) / steps;
  return std::log(freq.getReal("max_timescale") / freq.getReal("min_timescale")) / steps;
}

static ArrayRef<double> getLambda(FreqAttr freq, std::optional<int64_t> length) {
  bool isLong = length && *length > freq.getInteger("original_length");
  return freq.getList(isLong ? "long" : "short");
}

//===----------------------------------------------------------------------===//
// The library's f32
//===----------------------------------------------------------------------===//

/// base^(2k/r) of the library: an f32 exponent, an f32 power.
static float getLibraryPower(double base, int64_t k, int64_t dim) {
  float exponent = float(2 * k) / float(dim);
  return float(std::pow(double(float(base)), double(exponent)));
}

static float getLibraryYaRN(FreqAttr freq, const Ramp &ramp, int64_t k, float power) {
  float extrapolated = 1.0f / power;
  float stretched = float(freq.getReal("factor")) * power;
  float interpolated = 1.0f / stretched;
  float above = float(k) - float(ramp.low);
  float t = above / float(ramp.high - ramp.low);
  float keep = 1.0f - std::min(std::max(t, 0.0f), 1.0f);
  float change = 1.0f - keep;
  float first = interpolated * change;
  float second = extrapolated * keep;
  return first + second;
}

static float getLibraryLlama3(FreqAttr freq, float theta) {
  double length = double(freq.getInteger("original_length"));
  double low = freq.getReal("low_freq_factor"), high = freq.getReal("high_freq_factor");
  float factor = float(freq.getReal("factor"));
  float wavelength = float(2 * llvm::numbers::pi) / theta;
  if (wavelength > float(length / low))
    return theta / factor;
  if (wavelength < float(length / high))
    return theta;
  float turns = float(length) / wavelength;
  float above = turns - float(low);
  float s = above / float(high - low);
  float rest = 1.0f - s;
  float changed = rest * theta;
  float scaled = changed / factor;
  float kept = s * theta;
  return scaled + kept;
}

SmallVector<float> FreqAttr::getLibraryValues(std::optional<int64_t> length) const {
  FreqKind kind = getKind();
  bool spaced = kind == FreqKind::T2T || kind == FreqKind::Endpoint;
  bool scaled = kind == FreqKind::NTK || kind == FreqKind::DynamicNTK;
  double base = scaled ? getScaledBase(*this, length) : spaced ? 0 : getReal("base");
  Ramp ramp = kind == FreqKind::YaRN ? getRamp(*this) : Ramp{};
  float increment = spaced ? float(-getIncrement(*this)) : 0;
  int64_t rotated = kind == FreqKind::Proportional ? getNumRotated(*this) : getNumPairs();
  SmallVector<float> values(getNumPairs(), 0.0f);
  for (int64_t k = 0; k < rotated; ++k) {
    if (spaced) {
      float exponent = float(k) * increment;
      float value = float(std::exp(double(exponent)));
      values[k] = kind == FreqKind::T2T ? float(getReal("min_timescale")) * value : value;
      continue;
    }
    float power = getLibraryPower(base, k, getDim());
    if (kind == FreqKind::LongRoPE)
      power = float(getLambda(*this, length)[k]) * power;
    float theta = 1.0f / power;
    if (kind == FreqKind::Linear || kind == FreqKind::Proportional)
      theta = theta / float(getReal("factor"));
    else if (kind == FreqKind::YaRN)
      theta = getLibraryYaRN(*this, ramp, k, power);
    else if (kind == FreqKind::Llama3)
      theta = getLibraryLlama3(*this, theta);
    values[k] = theta;
  }
  return values;
}

//===----------------------------------------------------------------------===//
// The formula
//===----------------------------------------------------------------------===//

static double getExactYaRN(FreqAttr freq, const Ramp &ramp, int64_t k, double theta) {
  double t = (double(k) - ramp.low) / (ramp.high - ramp.low);
  t = std::min(std::max(t, 0.0), 1.0);
  return theta / freq.getReal("factor") * t + theta * (1 - t);
}

static double getExactLlama3(FreqAttr freq, double theta) {
  double length = double(freq.getInteger("original_length"));
  double low = freq.getReal("low_freq_factor"), high = freq.getReal("high_freq_factor");
  double factor = freq.getReal("factor"), wavelength = 2 * llvm::numbers::pi / theta;
  if (wavelength > length / low)
    return theta / factor;
  if (wavelength < length / high)
    return theta;
  double s = (length / wavelength - low) / (high - low);
  return (1 - s) * theta / factor + s * theta;
}

SmallVector<double> FreqAttr::getExactValues(std::optional<int64_t> length) const {
  FreqKind kind = getKind();
  bool spaced = kind == FreqKind::T2T || kind == FreqKind::Endpoint;
  bool scaled = kind == FreqKind::NTK || kind == FreqKind::DynamicNTK;
  double base = scaled ? getScaledBase(*this, length) : spaced ? 0 : getReal("base");
  Ramp ramp = kind == FreqKind::YaRN ? getRamp(*this) : Ramp{};
  int64_t rotated = kind == FreqKind::Proportional ? getNumRotated(*this) : getNumPairs();
  SmallVector<double> values(getNumPairs(), 0.0);
  for (int64_t k = 0; k < rotated; ++k) {
    if (spaced) {
      double first = kind == FreqKind::T2T ? getReal("min_timescale") : 1;
      values[k] = first * std::exp(-double(k) * getIncrement(*this));
      continue;
    }
    double theta = std::pow(base, -2.0 * double(k) / double(getDim()));
    if (kind == FreqKind::LongRoPE)
      theta /= getLambda(*this, length)[k];
    else if (kind == FreqKind::Linear || kind == FreqKind::Proportional)
      theta /= getReal("factor");
    else if (kind == FreqKind::YaRN)
      theta = getExactYaRN(*this, ramp, k, theta);
    else if (kind == FreqKind::Llama3)
      theta = getExactLlama3(*this, theta);
    values[k] = theta;
  }
  return values;
}
