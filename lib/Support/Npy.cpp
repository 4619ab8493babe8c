//===- Npy.cpp - NumPy array files ----------------------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Support/Npy.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace mlir::posenc;

// Longer headers are a broken length field, not an array.
static constexpr uint64_t kMaxHeader = 1 << 20;

namespace {

/// A whole file, mapped privately: writes stay in this process.
struct Mapping {
  char *base = nullptr;
  size_t size = 0;

  ~Mapping() {
    if (base)
      munmap(base, size);
  }
};

} // namespace

static std::shared_ptr<Mapping> mapFile(const std::string &path, std::string &error) {
  // Opening a pipe for reading would wait for its writer: look first.
  struct stat info;
  if (stat(path.c_str(), &info) != 0)
    return error = std::strerror(errno), nullptr;
  if (S_ISDIR(info.st_mode))
    return error = std::strerror(EISDIR), nullptr;
  if (!S_ISREG(info.st_mode))
    return error = "expected a regular file", nullptr;
  int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return error = std::strerror(errno), nullptr;
  auto mapping = std::make_shared<Mapping>();
  mapping->size = fstat(fd, &info) == 0 ? info.st_size : 0;
  if (mapping->size) {
    void *base = mmap(nullptr, mapping->size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    if (base != MAP_FAILED)
      mapping->base = static_cast<char *>(base);
    else
      error = std::strerror(errno);
  }
  close(fd);
  return mapping->size && !mapping->base ? nullptr : mapping;
}

/// Finds the header text; returns the offset of the data, or 0 with `error`.
static size_t splitHeader(const Mapping &file, std::string &text, std::string &error) {
  static const char magic[] = "\x93NUMPY";
  if (file.size < 10 || std::memcmp(file.base, magic, 6) != 0)
    return error = "not a .npy file", 0;
  const auto *bytes = reinterpret_cast<const unsigned char *>(file.base);
  unsigned major = bytes[6];
  if (major < 1 || major > 3)
    return error = "version " + std::to_string(major) + " of the .npy format is not supported",
           0;
  size_t prefix = major == 1 ? 10 : 12;
  if (file.size < prefix)
    return error = "truncated header of a .npy file", 0;
  uint64_t length = 0;
  for (size_t byte = 8; byte < prefix; ++byte)
    length |= static_cast<uint64_t>(bytes[byte]) << (8 * (byte - 8));
  if (length > kMaxHeader)
    return error = "expected a header of at most " + std::to_string(kMaxHeader) +
                   " bytes but got " + std::to_string(length),
           0;
  if (length > file.size - prefix)
    return error = "truncated header of a .npy file", 0;
  text.assign(file.base + prefix, length);
  return prefix + length;
}

/// Copies column-major elements to their row-major places.
static void transposeInto(char *target, const char *source, const std::vector<int64_t> &shape,
                          size_t width) {
  size_t rank = shape.size();
  std::vector<int64_t> strides(rank), index(rank);
  int64_t count = 1;
  for (size_t axis = 0; axis < rank; ++axis) {
    strides[axis] = count;
    count *= shape[axis];
  }
  int64_t offset = 0;
  for (int64_t element = 0; element < count; ++element) {
    std::memcpy(target + element * width, source + offset * width, width);
    for (size_t axis = rank; axis-- > 0;) {
      offset += strides[axis];
      if (++index[axis] < shape[axis])
        break;
      offset -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
}

Array Array::allocate(DType type, std::vector<int64_t> shape) {
  Array array;
  array.type = type;
  array.shape = std::move(shape);
  size_t bytes = (array.getNumBytes() / kAlignment + 1) * kAlignment;
  void *memory = std::aligned_alloc(kAlignment, bytes);
  if (memory)
    std::memset(memory, 0, bytes);
  array.storage = std::shared_ptr<void>(memory, std::free);
  return array;
}

Array Array::adopt(DType type, std::vector<int64_t> shape, std::shared_ptr<void> storage) {
  Array array;
  array.type = type;
  array.shape = std::move(shape);
  array.storage = std::move(storage);
  return array;
}

int64_t Array::getNumElements() const {
  int64_t count = 1;
  for (int64_t extent : shape)
    count *= extent;
  return count;
}

std::optional<Array> mlir::posenc::readNpy(const std::string &path, std::string &error) {
  std::shared_ptr<Mapping> file = mapFile(path, error);
  std::string text;
  if (!file)
    return std::nullopt;
  size_t offset = splitHeader(*file, text, error);
  std::optional<NpyHeader> header;
  if (!offset || !(header = parseNpyHeader(text, error)))
    return std::nullopt;

  Array array;
  array.type = header->type;
  array.shape = header->shape;
  if (file->size - offset < array.getNumBytes())
    return error = "truncated: expected " + std::to_string(array.getNumBytes()) +
                   " bytes of data but got " + std::to_string(file->size - offset),
           std::nullopt;
  char *source = file->base + offset;
  bool inPlace = !header->bigEndian && !header->fortranOrder && array.getNumElements() > 0 &&
                 reinterpret_cast<uintptr_t>(source) % Array::kAlignment == 0;
  if (inPlace) {
    array.storage = std::shared_ptr<void>(file, source);
    return array;
  }

  array = Array::allocate(header->type, header->shape);
  if (!array.data())
    return error = "not enough memory for " + std::to_string(array.getNumBytes()) + " bytes",
           std::nullopt;
  size_t width = getByteWidth(array.type);
  auto *target = static_cast<char *>(array.data());
  if (header->fortranOrder)
    transposeInto(target, source, array.shape, width);
  else
    std::memcpy(target, source, array.getNumBytes());
  if (header->bigEndian)
    for (char *element = target, *end = target + array.getNumBytes(); element != end;
         element += width)
      std::reverse(element, element + width);
  return array;
}
