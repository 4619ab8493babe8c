//===- ValueSpec.cpp - What an argument or a result is --------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Support/ValueSpec.h"

using namespace mlir::posenc;

/// Signless integers take arrays of either sign; bfloat16 comes as words.
static bool acceptsType(const ValueSpec &spec, DType type) {
  if (spec.type == DType::BF16)
    return type == DType::U16 || type == DType::Raw16;
  if (spec.type == type)
    return true;
  if (!spec.isSignless || isFloat(type) || type == DType::Bool || type == DType::Raw16)
    return false;
  return spec.type != DType::Bool && getByteWidth(spec.type) == getByteWidth(type);
}

static bool acceptsShape(const ValueSpec &spec, const Array &array) {
  if (!spec.isTensor)
    return array.getNumElements() == 1;
  if (spec.shape.size() != array.shape.size())
    return false;
  for (size_t axis = 0; axis < spec.shape.size(); ++axis)
    if (spec.shape[axis] >= 0 && spec.shape[axis] != array.shape[axis])
      return false;
  return true;
}

bool mlir::posenc::bindArgument(const ValueSpec &spec, Array &array, std::string &error) {
  if (!acceptsType(spec, array.type) || !acceptsShape(spec, array)) {
    std::string expected = getName(spec.type);
    if (spec.type == DType::BF16)
      expected += " (as uint16 words)";
    expected += spec.isTensor ? " of shape " + formatShape(spec.shape) : " of one element";
    error = "expected " + expected + " but got " + getName(array.type) + " of shape " +
            formatShape(array.shape);
    return false;
  }
  array.type = spec.type;
  // Compiled code may take any byte but 0 and 1 for anything.
  if (spec.type == DType::Bool) {
    auto *bytes = static_cast<unsigned char *>(array.data());
    for (size_t i = 0, count = array.getNumBytes(); i < count; ++i)
      if (bytes[i] > 1)
        bytes[i] = 1;
  }
  return true;
}
