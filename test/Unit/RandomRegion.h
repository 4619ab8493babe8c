//===- RandomRegion.h - Random score regions as text ------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_TEST_UNIT_RANDOMREGION_H
#define POSENC_TEST_UNIT_RANDOMREGION_H

#include <random>
#include <string>
#include <vector>

namespace mlir::posenc {

/// A score_map whose region is made of what hand-written encodings are made of:
/// arithmetic on indices and positions, tables, predicates, and modifiers.
class RandomRegion {
public:
  explicit RandomRegion(unsigned seed);
  const std::string &getText() const { return text; }

private:
  int64_t below(int64_t limit) { return int64_t(random() % limit); }
  const std::string &any(const std::vector<std::string> &list) {
    return list[below(int64_t(list.size()))];
  }
  std::string define(const std::string &op);
  std::string constant(int64_t value);
  std::string floatConstant(double value);

  void addInteger();
  void addCondition();
  void addFloat();
  void addTerm();

  std::mt19937 random;
  std::string body, text, score = "%s";
  unsigned count = 0;
  std::vector<std::string> integers, conditions, floats;
};

} // namespace mlir::posenc

#endif // POSENC_TEST_UNIT_RANDOMREGION_H
