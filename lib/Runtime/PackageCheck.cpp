//===- PackageCheck.cpp - Whether tensors fit an entry --------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PackageCheck.h"

using namespace posenc::runtime;

std::string posenc::runtime::formatShape(const int64_t *shape, uint32_t rank) {
  std::string text = "[";
  for (uint32_t axis = 0; axis < rank; ++axis)
    text += (axis ? ", " : "") + std::to_string(shape[axis]);
  return text + "]";
}

uint64_t posenc::runtime::getByteCount(const posenc_tensor &tensor) {
  uint64_t bytes = posenc_dtype_bytes(tensor.dtype);
  for (uint32_t axis = 0; axis < tensor.rank; ++axis)
    bytes *= uint64_t(tensor.shape[axis]);
  return bytes;
}

namespace {
/// Checks the tensors of one call.
class Checker {
public:
  Checker(const ManifestEntry &entry, std::string &error)
      : entry(entry), error(error), ties(entry.symbols.size()) {}

  bool checkCount(const char *what, uint32_t count, size_t expected) {
    return count == expected ||
           refuse("@" + entry.name + ": expected " + std::to_string(expected) + " " + what +
                  " but got " + std::to_string(count));
  }
  bool check(const std::string &what, const ManifestValue &expected,
             const posenc_tensor &tensor);

private:
  bool refuse(const std::string &text) {
    error = text;
    return false;
  }
  std::string describe(const ManifestValue &expected) const;
  bool checkExtents(const std::string &name, const posenc_tensor &tensor);
  bool checkStrides(const std::string &name, const posenc_tensor &tensor);
  bool checkData(const std::string &name, const ManifestValue &expected,
                 const posenc_tensor &tensor);
  bool checkTies(const std::string &name, const ManifestValue &expected,
                 const posenc_tensor &tensor);

  const ManifestEntry &entry;
  std::string &error;
  /// The extent of a symbol and which dimension it is from.
  struct Tie {
    int64_t extent = -1;
    std::string from;
  };
  std::vector<Tie> ties;
};
} // namespace

static bool acceptsType(const ManifestValue &expected, posenc_dtype dtype) {
  posenc_dtype own = expected.value.dtype;
  if (own == dtype)
    return true;
  bool isInteger = dtype >= POSENC_I8 && dtype <= POSENC_U64;
  return expected.value.is_signless && isInteger && own >= POSENC_I8 && own <= POSENC_U64 &&
         posenc_dtype_bytes(own) == posenc_dtype_bytes(dtype);
}

/// "f32 of shape [s0, 64]".
std::string Checker::describe(const ManifestValue &expected) const {
  const posenc_package_value &value = expected.value;
  std::string text = posenc_dtype_name(value.dtype);
  if (!value.is_tensor)
    return text + " scalar (rank 0)";
  text += " of shape [";
  for (uint32_t axis = 0; axis < value.rank; ++axis) {
    int32_t symbol = value.symbol[axis];
    text += (axis ? ", " : "") + (value.shape[axis] >= 0 ? std::to_string(value.shape[axis])
                                  : symbol >= 0          ? entry.symbols[symbol]
                                                         : std::string("?"));
  }
  return text + "]";
}

bool Checker::checkExtents(const std::string &name, const posenc_tensor &tensor) {
  uint64_t bytes = posenc_dtype_bytes(tensor.dtype);
  for (uint32_t axis = 0; axis < tensor.rank; ++axis) {
    if (tensor.shape[axis] < 0)
      return refuse(name + ": expected extents of at least 0 but got " +
                    formatShape(tensor.shape, tensor.rank));
    if (__builtin_mul_overflow(bytes, uint64_t(tensor.shape[axis]), &bytes) ||
        bytes > uint64_t(INT64_MAX))
      return refuse(name + ": expected fewer than 2^63 bytes but got the shape " +
                    formatShape(tensor.shape, tensor.rank));
  }
  return true;
}

bool Checker::checkStrides(const std::string &name, const posenc_tensor &tensor) {
  if (!tensor.strides || getByteCount(tensor) == 0)
    return true;
  int64_t expected[POSENC_MAX_RANK], stride = 1;
  bool isRowMajor = true;
  for (uint32_t axis = tensor.rank; axis-- > 0;) {
    expected[axis] = stride;
    isRowMajor &= tensor.shape[axis] == 1 || tensor.strides[axis] == stride;
    stride *= tensor.shape[axis];
  }
  return isRowMajor ||
         refuse(name + ": expected row-major strides " + formatShape(expected, tensor.rank) +
                " but got " + formatShape(tensor.strides, tensor.rank));
}

bool Checker::checkData(const std::string &name, const ManifestValue &expected,
                        const posenc_tensor &tensor) {
  if (tensor.where != POSENC_ON_HOST && tensor.where != POSENC_ON_DEVICE)
    return refuse(name + ": expected a place (host 0, device 1) but got " +
                  std::to_string(int(tensor.where)));
  if (!expected.value.is_tensor && tensor.where != POSENC_ON_HOST)
    return refuse(name + ": expected a scalar in host memory");
  if (!tensor.data)
    return getByteCount(tensor) == 0 || refuse(name + ": expected data but got null");
  uint64_t alignment = posenc_dtype_bytes(tensor.dtype);
  return reinterpret_cast<uintptr_t>(tensor.data) % alignment == 0 ||
         refuse(name + ": expected data aligned to " + std::to_string(alignment) + " bytes");
}

bool Checker::checkTies(const std::string &name, const ManifestValue &expected,
                        const posenc_tensor &tensor) {
  for (uint32_t axis = 0; axis < tensor.rank; ++axis) {
    int32_t symbol = expected.value.symbol[axis];
    if (symbol < 0)
      continue;
    Tie &tie = ties[symbol];
    if (tie.extent < 0) {
      tie = {tensor.shape[axis], "dimension " + std::to_string(axis) + " of " + name};
      continue;
    }
    if (tie.extent != tensor.shape[axis])
      return refuse(name + ": expected extent " + std::to_string(tie.extent) +
                    " in dimension " + std::to_string(axis) + " (" + entry.symbols[symbol] +
                    ", as " + tie.from + ") but got " + std::to_string(tensor.shape[axis]));
  }
  return true;
}

bool Checker::check(const std::string &what, const ManifestValue &expected,
                    const posenc_tensor &tensor) {
  std::string name = what + " (" + expected.name + ") of @" + entry.name;
  const char *type = posenc_dtype_name(tensor.dtype);
  if (!type)
    return refuse(name + ": expected a type of elements but got the number " +
                  std::to_string(int(tensor.dtype)));
  if (tensor.rank > POSENC_MAX_RANK)
    return refuse(name + ": expected " + describe(expected) + " but got rank " +
                  std::to_string(tensor.rank));
  bool fits = acceptsType(expected, tensor.dtype) && tensor.rank == expected.value.rank;
  for (uint32_t axis = 0; fits && axis < tensor.rank; ++axis)
    fits = expected.value.shape[axis] < 0 || expected.value.shape[axis] == tensor.shape[axis];
  if (!fits)
    return refuse(name + ": expected " + describe(expected) + " but got " + type +
                  " of shape " + formatShape(tensor.shape, tensor.rank));
  return checkExtents(name, tensor) && checkStrides(name, tensor) &&
         checkData(name, expected, tensor) && checkTies(name, expected, tensor);
}

bool posenc::runtime::checkTensors(const ManifestEntry &entry, const posenc_tensor *arguments,
                                   uint32_t argumentCount, const posenc_tensor *results,
                                   uint32_t resultCount, std::string &error) {
  Checker checker(entry, error);
  if (!checker.checkCount("arguments", argumentCount, entry.arguments.size()) ||
      !checker.checkCount("results", resultCount, entry.results.size()))
    return false;
  if ((argumentCount && !arguments) || (resultCount && !results)) {
    error = std::string("expected ") + (argumentCount && !arguments ? "arguments" : "results") +
            " but got null";
    return false;
  }
  for (uint32_t i = 0; i < argumentCount; ++i)
    if (!checker.check("argument " + std::to_string(i), entry.arguments[i], arguments[i]))
      return false;
  // The others are made as the program says.
  for (uint32_t i = 0; i < resultCount; ++i)
    if (results[i].data &&
        !checker.check("result " + std::to_string(i), entry.results[i], results[i]))
      return false;
  return true;
}
