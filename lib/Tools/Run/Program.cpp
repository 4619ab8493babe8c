//===- Program.cpp - Call a compiled function -----------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// The C interface passes a memref as a pointer to its descriptor
//   {allocated pointer, aligned pointer, offset, sizes[rank], strides[rank]}
// and several results as one struct of descriptors and scalars.
//===----------------------------------------------------------------------===//

#include "Program.h"

#include "mlir/ExecutionEngine/ExecutionEngine.h"

#include "llvm/ADT/DenseSet.h"
#include "llvm/Support/MathExtras.h"

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <deque>

using namespace mlir;
using namespace mlir::posenc;

// Descriptors of constants carry this in place of an allocation.
static constexpr int64_t kNotAllocated = 0xdeadbeef;

static constexpr size_t kWord = sizeof(int64_t);
static_assert(sizeof(void *) == kWord, "descriptors are sequences of 64-bit words");

static std::vector<int64_t> makeDescriptor(const Array &array) {
  size_t rank = array.shape.size();
  std::vector<int64_t> words(3 + 2 * rank);
  words[0] = words[1] = reinterpret_cast<intptr_t>(array.data());
  int64_t stride = 1;
  for (size_t axis = rank; axis-- > 0;) {
    words[3 + axis] = array.shape[axis];
    words[3 + rank + axis] = stride;
    stride *= array.shape[axis];
  }
  return words;
}

/// Byte offsets of the results in their struct, and its size at the end.
static std::vector<size_t> layOutResults(const std::vector<ValueSpec> &results) {
  std::vector<size_t> offsets;
  size_t end = 0;
  for (const ValueSpec &spec : results) {
    size_t size = spec.isTensor ? (3 + 2 * spec.shape.size()) * kWord : getByteWidth(spec.type);
    end = llvm::alignTo(end, spec.isTensor ? kWord : size);
    offsets.push_back(end);
    end += size;
  }
  offsets.push_back(end);
  return offsets;
}

static bool isRowMajor(const std::vector<int64_t> &shape, const int64_t *strides) {
  int64_t expected = 1;
  for (size_t axis = shape.size(); axis-- > 0;) {
    if (shape[axis] != 1 && strides[axis] != expected)
      return false;
    expected *= shape[axis];
  }
  return true;
}

static Array copyStrided(DType type, const std::vector<int64_t> &shape, const char *source,
                         const int64_t *strides) {
  Array array = Array::allocate(type, shape);
  size_t width = getByteWidth(type);
  auto *target = static_cast<char *>(array.data());
  std::vector<int64_t> index(shape.size());
  int64_t offset = 0;
  for (int64_t element = 0, count = array.getNumElements(); element < count; ++element) {
    std::memcpy(target + element * width, source + offset * static_cast<int64_t>(width), width);
    for (size_t axis = shape.size(); axis-- > 0;) {
      offset += strides[axis];
      if (++index[axis] < shape[axis])
        break;
      offset -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return array;
}

/// Turns a descriptor into an array without a copy where its layout allows.
static Array readDescriptor(const ValueSpec &spec, const char *memory,
                            const std::shared_ptr<void> &owner) {
  size_t rank = spec.shape.size();
  std::vector<int64_t> words(3 + 2 * rank);
  std::memcpy(words.data(), memory, words.size() * kWord);
  std::vector<int64_t> shape(words.begin() + 3, words.begin() + 3 + rank);
  const int64_t *strides = words.data() + 3 + rank;
  auto *data = reinterpret_cast<char *>(words[1]) +
               words[2] * static_cast<int64_t>(getByteWidth(spec.type));
  if (isRowMajor(shape, strides))
    return Array::adopt(spec.type, std::move(shape), std::shared_ptr<void>(owner, data));
  return copyStrided(spec.type, shape, data, strides);
}

namespace {

/// Who frees the buffers of results: each allocation once, and none that the
/// caller or a constant owns.
class ResultOwners {
public:
  ResultOwners(const std::vector<Array> &arguments, void (*release)(void *))
      : release(release) {
    for (const Array &argument : arguments)
      owners[reinterpret_cast<intptr_t>(argument.data())] = std::make_shared<Array>(argument);
  }

  std::shared_ptr<void> get(int64_t allocated) {
    if (allocated == 0 || allocated == kNotAllocated)
      return std::make_shared<char>();
    std::shared_ptr<void> &owner = owners[allocated];
    if (!owner)
      owner = std::shared_ptr<void>(reinterpret_cast<void *>(allocated), release);
    return owner;
  }

private:
  void (*release)(void *);
  llvm::DenseMap<int64_t, std::shared_ptr<void>> owners;
};

/// A call of the C interface: the list of pointers to arguments, and where the
/// results go.
class Frame {
public:
  Frame(const Signature &signature, const std::vector<Array> &arguments);
  Frame(const Frame &) = delete;

  void **getList() { return list.data(); }
  std::vector<Array> readResults(ResultOwners &owners) const;

private:
  const std::vector<ValueSpec> &results;
  std::vector<size_t> offsets;
  std::vector<int64_t> resultWords;
  void *resultPointer;
  // Deques keep the addresses that `list` holds.
  std::deque<std::vector<int64_t>> descriptors;
  std::deque<void *> pointers;
  std::vector<void *> list;
};

} // namespace

Frame::Frame(const Signature &signature, const std::vector<Array> &arguments)
    : results(signature.results), offsets(layOutResults(results)),
      resultWords(offsets.back() / kWord + 1), resultPointer(resultWords.data()) {
  bool returnsValue = results.size() == 1 && !results[0].isTensor;
  if (!results.empty() && !returnsValue)
    list.push_back(&resultPointer);
  for (auto [spec, array] : llvm::zip_equal(signature.arguments, arguments)) {
    if (!spec.isTensor) {
      list.push_back(const_cast<void *>(array.data()));
      continue;
    }
    descriptors.push_back(makeDescriptor(array));
    pointers.push_back(descriptors.back().data());
    list.push_back(&pointers.back());
  }
  if (returnsValue)
    list.push_back(resultPointer);
}

std::vector<Array> Frame::readResults(ResultOwners &owners) const {
  std::vector<Array> arrays;
  for (auto [spec, offset] : llvm::zip(results, offsets)) {
    const char *memory = reinterpret_cast<const char *>(resultWords.data()) + offset;
    if (spec.isTensor) {
      int64_t allocated;
      std::memcpy(&allocated, memory, kWord);
      arrays.push_back(readDescriptor(spec, memory, owners.get(allocated)));
      continue;
    }
    arrays.push_back(Array::allocate(spec.type, {}));
    std::memcpy(arrays.back().data(), memory, getByteWidth(spec.type));
  }
  return arrays;
}

namespace {
/// What the runtime hands to `enter`, which it may leave by longjmp: nothing in here
/// has a destructor.
struct Entry {
  void (*function)(void **);
  void **list;
};
} // namespace

static void enter(void *argument) {
  auto *entry = static_cast<Entry *>(argument);
  entry->function(entry->list);
}

FailureOr<std::vector<Array>> Program::call(const std::vector<Array> &arguments,
                                            RunDevice *device, double *milliseconds) {
  Frame frame(signature, arguments);
  if (device) {
    Entry entry = {function, frame.getList()};
    if (failed(device->call(enter, &entry, milliseconds)))
      return failure();
  } else {
    auto begin = std::chrono::steady_clock::now();
    function(frame.getList());
    auto end = std::chrono::steady_clock::now();
    if (milliseconds)
      *milliseconds = std::chrono::duration<double, std::milli>(end - begin).count();
  }
  ResultOwners owners(arguments, device ? posenc_host_free : std::free);
  return frame.readResults(owners);
}
