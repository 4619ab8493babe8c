//===- Npy.h - NumPy array files --------------------------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// Reads and writes .npy files. Nothing here needs LLVM, so that a runtime
// without a compiler can use it.
//===----------------------------------------------------------------------===//

#ifndef POSENC_SUPPORT_NPY_H
#define POSENC_SUPPORT_NPY_H

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mlir {
namespace posenc {

/// What one element is. NumPy has no bfloat16: its words come as uint16 or as
/// a 2-byte void, and what they mean is up to the reader.
enum class DType { Bool, I8, U8, I16, U16, I32, U32, I64, U64, F16, BF16, F32, F64, Raw16 };

/// Bytes of one element.
size_t getByteWidth(DType type);
/// The name that NumPy's users know: "float32", "int64", "bfloat16", ….
const char *getName(DType type);
bool isFloat(DType type);
/// "[2, 40]"; a negative extent prints as "?".
std::string formatShape(const std::vector<int64_t> &shape);

/// An array in row-major order and native byte order. The data is a private
/// mapping of the file where the file has this form already, else a copy: in
/// both cases writing to it never changes the file.
class Array {
public:
  DType type = DType::F32;
  std::vector<int64_t> shape;

  /// Zero-initialised data, aligned to kAlignment.
  static Array allocate(DType type, std::vector<int64_t> shape);
  /// Memory that somebody else made, in row-major order; `storage` frees it.
  static Array adopt(DType type, std::vector<int64_t> shape, std::shared_ptr<void> storage);

  void *data() const { return storage.get(); }
  int64_t getNumElements() const;
  size_t getNumBytes() const { return getNumElements() * getByteWidth(type); }

  static constexpr size_t kAlignment = 64;

private:
  friend std::optional<Array> readNpy(const std::string &, std::string &);
  /// Owns the memory or the mapping; never null, even for no elements.
  std::shared_ptr<void> storage;
};

/// Reads a file of format version 1.0 to 3.0. Fortran order and foreign byte
/// order are converted. On failure, nothing is returned and `error` says why,
/// without the name of the file.
std::optional<Array> readNpy(const std::string &path, std::string &error);

/// The header of a row-major file of this type; BF16 and Raw16 are `<u2`.
std::string makeNpyHeader(DType type, const std::vector<int64_t> &shape);

/// What a header says.
struct NpyHeader {
  DType type = DType::F32;
  bool bigEndian = false;
  bool fortranOrder = false;
  std::vector<int64_t> shape;
};

/// Parses the dictionary of a header. On failure `error` says why.
std::optional<NpyHeader> parseNpyHeader(const std::string &text, std::string &error);

} // namespace posenc
} // namespace mlir

#endif // POSENC_SUPPORT_NPY_H
