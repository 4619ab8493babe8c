//===- RandomRegion.cpp - Random score regions as text --------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RandomRegion.h"

using namespace mlir::posenc;

std::string RandomRegion::define(const std::string &op) {
  std::string name = "%x" + std::to_string(count++);
  body += "    " + name + " = " + op + "\n";
  return name;
}

std::string RandomRegion::constant(int64_t value) {
  return define("arith.constant " + std::to_string(value) + " : index");
}

std::string RandomRegion::floatConstant(double value) {
  return define("arith.constant " + std::to_string(value) + " : f32");
}

void RandomRegion::addInteger() {
  std::string a = any(integers), b = any(integers);
  switch (below(10)) {
  case 0:
    return integers.push_back(define("arith.addi " + a + ", " + b + " : index"));
  case 1:
  case 2:
  case 3:
    return integers.push_back(define("arith.subi " + a + ", " + b + " : index"));
  case 4:
    return integers.push_back(
        define("arith.maxsi " + a + ", " + constant(below(60) - 30) + " : index"));
  case 5:
    return integers.push_back(
        define("arith.minsi " + a + ", " + constant(below(60) - 30) + " : index"));
  case 6:
    return integers.push_back(
        define("arith.floordivsi " + a + ", " + constant(1 + below(12)) + " : index"));
  case 7:
    return integers.push_back(
        define("arith.remsi " + a + ", " + constant(1 + below(12)) + " : index"));
  case 8:
    return integers.push_back(
        define("arith.muli " + a + ", " + constant(below(7) - 3) + " : index"));
  default:
    if (conditions.empty())
      return;
    return integers.push_back(
        define("arith.select " + any(conditions) + ", " + a + ", " + b + " : index"));
  }
}

void RandomRegion::addCondition() {
  static const std::vector<std::string> predicates = {"eq",  "ne",  "slt", "sle", "sgt",
                                                      "sge", "ult", "ule", "ugt", "uge"};
  if (conditions.size() > 1 && below(3) == 0) {
    static const std::vector<std::string> joins = {"andi", "ori", "xori"};
    conditions.push_back(define("arith." + any(joins) + " " + any(conditions) + ", " +
                                any(conditions) + " : i1"));
    return;
  }
  std::string other = below(2) ? any(integers) : constant(below(50) - 25);
  conditions.push_back(define("arith.cmpi " + any(predicates) + ", " + any(integers) + ", " +
                              other + " : index"));
}

void RandomRegion::addFloat() {
  switch (below(10)) {
  case 0:
  case 1: {
    std::string wide = define("arith.index_cast " + any(integers) + " : index to i64");
    return floats.push_back(define("arith.sitofp " + wide + " : i64 to f32"));
  }
  case 2:
  case 3: {
    std::string low = define("arith.maxsi " + any(integers) + ", " + constant(0) + " : index");
    std::string row = define("arith.minsi " + low + ", " + constant(9) + " : index");
    return floats.push_back(
        define("tensor.extract %table[" + row + ", %h] : tensor<10x2xf32>"));
  }
  case 4:
    if (!floats.empty())
      return floats.push_back(define("arith.mulf " + any(floats) + ", " +
                                     floatConstant(double(below(9)) / 4 - 1) + " : f32"));
    return;
  case 5:
    if (!floats.empty())
      return floats.push_back(
          define("arith.subf " + any(floats) + ", " + any(floats) + " : f32"));
    return;
  default:
    if (!floats.empty() && !conditions.empty())
      return floats.push_back(define("arith.select " + any(conditions) + ", " + any(floats) +
                                     ", " + any(floats) + " : f32"));
  }
}

void RandomRegion::addTerm() {
  switch (below(10)) {
  case 0:
  case 1:
  case 9:
    if (!floats.empty())
      score = define("arith.addf " + score + ", " + any(floats) + " : f32");
    return;
  case 2:
  case 3:
    if (!conditions.empty())
      score = define("arith.select " + any(conditions) + ", " + score + ", %ninf : f32");
    return;
  case 4:
    score = define("posenc.mask " + score + " at(%i, %j) <window, left = " +
                   std::to_string(below(40)) + ", right = " + std::to_string(below(40)) + ">");
    return;
  case 5:
    score = define(
        "posenc.bias_table " + score +
        ", %lut at(%i, %j) bucket <lut, k_minus_q, origin = " + std::to_string(below(20) - 10) +
        ", outside = clamp, rows = [1, 0, 0, 2, 2, 2, 1]> : tensor<3xf32>");
    return;
  case 6: {
    if (below(2)) {
      static const std::vector<std::string> kinds = {"power absolute", "log absolute",
                                                     "exponential absolute"};
      score = define("posenc.bias_fn " + score + ", %pairs[%h] at(%i, %j) " + any(kinds) +
                     (below(3) ? "" : " multiply") + " : tensor<2x2xf32>, index");
      return;
    }
    score = define("posenc.bias_fn " + score + ", %slopes[%h] at(%i, %j) linear " +
                   (below(2) ? "absolute" : "k_minus_q") + " : tensor<2xf32>, index");
    return;
  }
  case 7:
    score = define("posenc.softcap " + score + " cap(20.0)");
    return;
  default:
    score =
        define("arith.mulf " + score + ", " + floatConstant(0.5 + double(below(4))) + " : f32");
  }
}

RandomRegion::RandomRegion(unsigned seed) : random(seed) {
  integers = {"%m", "%n", "%i", "%j"};
  // A region of few kinds of inputs is one that something can be said of.
  if (below(2))
    integers = {define("arith.subi %i, %j : index")};
  else if (below(3) == 0)
    integers = {below(2) ? "%m" : "%n"};
  for (int64_t i = 0, e = 2 + below(6); i < e; ++i)
    addInteger();
  for (int64_t i = 0, e = 1 + below(4); i < e; ++i)
    addCondition();
  for (int64_t i = 0, e = below(3); i < e; ++i)
    addInteger();
  for (int64_t i = 0, e = 1 + below(6); i < e; ++i)
    addFloat();
  for (int64_t i = 0, e = 1 + below(4); i < e; ++i)
    addTerm();
  bool offset = below(2);
  text =
      "func.func @f(%init: tensor<1x2x?x?xf32>, %table: tensor<10x2xf32>, %lut: tensor<3xf32>,"
      " %slopes: tensor<2xf32>) -> tensor<1x2x?x?xf32> {\n";
  // Half of the regions read tables that are known.
  if (below(2))
    text = "func.func @f(%init: tensor<1x2x?x?xf32>) -> tensor<1x2x?x?xf32> {\n"
           "  %table = arith.constant dense<[[0.5, 1.0], [2.0, 3.0], [2.0, 3.0], [-1.0, 4.0],"
           " [5.0, 6.0], [5.5, 0.0], [5.0, 6.0], [5.0, 6.0], [7.0, 8.0], [9.0, 1.0]]>"
           " : tensor<10x2xf32>\n"
           "  %lut = arith.constant dense<[0.25, 3.0, -2.0]> : tensor<3xf32>\n"
           "  %slopes = arith.constant dense<[0.5, 0.125]> : tensor<2xf32>\n";
  text +=
      "  %pairs = arith.constant dense<[[0.5, 0.25], [0.0625, 0.015625]]> : tensor<2x2xf32>\n"
      "  %ninf = arith.constant 0xFF800000 : f32\n"
      "  %offset = arith.constant " +
      std::to_string(below(60) - 20) +
      " : index\n"
      "  %r = posenc.score_map outs(%init : tensor<1x2x?x?xf32>)" +
      (offset ? " offsets(q = %offset)" : "") +
      " score(%s, %b, %h, %m, %n) {\n"
      "    %i = posenc.q_pos : index\n"
      "    %j = posenc.k_pos : index\n" +
      body + "    posenc.yield " + score +
      " : f32\n"
      "  }\n"
      "  return %r : tensor<1x2x?x?xf32>\n}\n";
}
