//===- Compare.h - Arrays against expectations ------------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_SUPPORT_COMPARE_H
#define POSENC_SUPPORT_COMPARE_H

#include "posenc/Support/Npy.h"

namespace mlir {
namespace posenc {

/// The element at a row-major position as a double.
double getElement(const Array &array, int64_t position);

/// The indices of a row-major position.
std::vector<int64_t> getIndices(int64_t position, const std::vector<int64_t> &shape);

struct Comparison {
  double maxAbs = 0;  // infinite or NaN if a non-finite element differs
  double maxRel = 0;  // over the elements whose expectation is not zero
  int64_t worst = -1; // row-major position of maxAbs; -1 if there are no elements
  int64_t mismatches = 0;
  int64_t worstMismatch = -1;   // of the elements that do not agree
  double got = 0, expected = 0; // there
};

/// |got - expected| <= atol + rtol * |expected| for floats, equality for
/// integers and bools. Equal infinities agree; a NaN agrees with nothing.
/// The shapes must be equal.
Comparison compare(const Array &got, const Array &expected, double rtol, double atol);

/// The relative tolerance where nobody states one: 1e-4, and a unit of the last place
/// of 16-bit types, which two results that are right may be apart (docs/Numerics.md).
double getDefaultTolerance(DType type);

/// Number of NaN elements, and the position of the first.
int64_t countNaN(const Array &array, int64_t &first);

} // namespace posenc
} // namespace mlir

#endif // POSENC_SUPPORT_COMPARE_H
