//===- RunReport.cpp - What a run reports ---------------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Support/RunReport.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>

using namespace mlir::posenc;

/// Enough digits to read the same double back.
static std::string formatNumber(double value) {
  char buffer[40];
  std::snprintf(buffer, sizeof(buffer), "%.17g", value);
  return buffer;
}

static std::string formatShort(double value) {
  char buffer[40];
  std::snprintf(buffer, sizeof(buffer), "%.6g", value);
  return buffer;
}

/// JSON has no infinities and NaNs; they print as strings.
static std::string jsonNumber(double value) {
  if (std::isnan(value))
    return "\"nan\"";
  return std::isinf(value) ? "\"inf\"" : formatNumber(value);
}

static std::string jsonString(const std::string &text) {
  std::string result = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\')
      result += '\\';
    result += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return result + '"';
}

/// True if `expected` can stand for values of type `type`; 16-bit words become
/// the bfloat16 values that they are.
static bool adaptExpectation(DType type, Array &expected) {
  if (type == DType::BF16 && (expected.type == DType::U16 || expected.type == DType::Raw16))
    expected.type = DType::BF16;
  return expected.type == type || (isFloat(type) && isFloat(expected.type));
}

bool RunReport::addComparison(size_t index, const Array &result, Array expected,
                              const std::string &name, std::string &error) {
  if (!adaptExpectation(result.type, expected) || expected.shape != result.shape) {
    error = name + ": expected " + getName(expected.type) + " of shape " +
            formatShape(expected.shape) + " but result " + std::to_string(index) + " is " +
            getName(result.type) + " of shape " + formatShape(result.shape);
    return false;
  }
  double rtol = options.rtol.value_or(
      std::max(getDefaultTolerance(result.type), getDefaultTolerance(expected.type)));
  Comparison comparison = compare(result, expected, rtol, options.atol);
  bool isWorse =
      std::isnan(comparison.maxAbs) ? !std::isnan(maxAbs) : comparison.maxAbs > maxAbs;
  if (comparison.worst >= 0 && (isWorse || !hasWorst)) {
    hasWorst = true;
    maxAbs = comparison.maxAbs;
    worstResult = index;
    worstIndex = getIndices(comparison.worst, result.shape);
  }
  if (std::isnan(comparison.maxRel) || comparison.maxRel > maxRel)
    maxRel = comparison.maxRel;
  compared = true;
  if (comparison.mismatches) {
    allHold = false;
    std::string where = formatShape(getIndices(comparison.worstMismatch, result.shape));
    std::fprintf(stderr,
                 "%s: result %zu: %lld of %lld elements differ from %s; the worst is at %s: "
                 "expected %s but got %s\n",
                 options.tool.c_str(), index, static_cast<long long>(comparison.mismatches),
                 static_cast<long long>(result.getNumElements()), name.c_str(), where.c_str(),
                 formatShort(comparison.expected).c_str(), formatShort(comparison.got).c_str());
  }
  return true;
}

void RunReport::addRepetition(const std::vector<Array> &results,
                              const std::vector<Array> &first, const std::string &name) {
  for (size_t i = 0; i < results.size(); ++i) {
    if (results[i].shape == first[i].shape &&
        !std::memcmp(results[i].data(), first[i].data(), first[i].getNumBytes()))
      continue;
    allHold = false;
    std::fprintf(stderr, "%s: result %zu has other bits under %s\n", options.tool.c_str(), i,
                 name.c_str());
  }
}

void RunReport::setTimes(std::vector<double> milliseconds) {
  times = std::move(milliseconds);
  std::sort(times.begin(), times.end());
}

void RunReport::warnAboutNaN(const std::vector<Array> &results) const {
  for (size_t i = 0; i < results.size(); ++i) {
    int64_t first = 0, found = countNaN(results[i], first);
    if (found)
      std::fprintf(stderr,
                   "%s: warning: result %zu has %lld NaN of %lld elements, the "
                   "first at %s\n",
                   options.tool.c_str(), i, static_cast<long long>(found),
                   static_cast<long long>(results[i].getNumElements()),
                   formatShape(getIndices(first, results[i].shape)).c_str());
  }
}

static double getMedian(const std::vector<double> &sorted) {
  size_t half = sorted.size() / 2;
  return sorted.size() % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

std::string RunReport::toText() const {
  std::string text;
  if (compared)
    text += "max_abs " + formatShort(maxAbs) + ", max_rel " + formatShort(maxRel) +
            ", worst at " + formatShape(worstIndex) + " of result " +
            std::to_string(worstResult) + "\n";
  if (!times.empty())
    text += "time min " + formatShort(times.front()) + " ms, median " +
            formatShort(getMedian(times)) + " ms, max " + formatShort(times.back()) +
            " ms on " + device + "\n";
  if (!statistics.empty())
    text += statistics + "\n";
  return text;
}

std::string RunReport::toJson() const {
  std::string text = "{\"max_abs\": " + (compared ? jsonNumber(maxAbs) : "null");
  text += ", \"max_rel\": " + (compared ? jsonNumber(maxRel) : "null");
  text += ", \"worst_index\": " + (compared ? formatShape(worstIndex) : "null");
  text += ", \"worst_result\": " + (compared ? std::to_string(worstResult) : "null");
  text += ", \"time_ms\": ";
  if (times.empty())
    text += "null";
  else
    text += "{\"min\": " + formatNumber(times.front()) +
            ", \"median\": " + formatNumber(getMedian(times)) +
            ", \"max\": " + formatNumber(times.back()) + "}";
  text += ", \"statistics\": " + (statistics.empty() ? "null" : statistics);
  return text + ", \"target\": " + jsonString(target) + ", \"device\": " + jsonString(device) +
         "}\n";
}

bool mlir::posenc::openOutputs(const std::vector<std::string> &paths,
                               std::vector<OutputFile> &files, std::string &error) {
  for (const std::string &path : paths) {
    files.emplace_back(path, files.size());
    if (!files.back().open(error))
      return error = path + ": cannot write: " + error, false;
  }
  return true;
}

static bool writeArray(const Array &array, OutputFile &file, std::string &error) {
  std::string header = makeNpyHeader(array.type, array.shape);
  return file.write(header.data(), header.size(), error) &&
         file.write(array.data(), array.getNumBytes(), error);
}

bool mlir::posenc::writeOutputs(const std::vector<Array> &arrays,
                                std::vector<OutputFile> &files, std::string &error) {
  for (size_t i = 0; i < files.size(); ++i)
    if (!writeArray(arrays[i], files[i], error))
      return error = files[i].getPath() + ": cannot write: " + error, false;
  for (OutputFile &file : files)
    if (!file.commit(error))
      return error = file.getPath() + ": cannot write: " + error, false;
  return true;
}
