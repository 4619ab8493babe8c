//===- PackageCall.cpp - Call an entry of a package -----------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// Compiled functions take and give memref descriptors
//   {allocated pointer, aligned pointer, offset, sizes[rank], strides[rank]}
// in memory of the device; several results are one struct of descriptors and scalars.
//===----------------------------------------------------------------------===//

#include "Device.h"
#include "Error.h"
#include "PackageCheck.h"
#include "PackageImpl.h"

#include <cstdlib>
#include <cstring>
#include <set>
#include <string_view>

using namespace posenc::runtime;

static constexpr size_t kWord = sizeof(int64_t);
static_assert(sizeof(void *) == kWord, "descriptors are sequences of 64-bit words");

// Descriptors of constants carry this in place of an allocation.
static constexpr int64_t kNotAllocated = 0xdeadbeef;

namespace {
class EntryCall {
public:
  EntryCall(posenc_device &device, const ManifestEntry &entry, void *stream)
      : device(device), entry(entry), stream(stream),
        isCPU(device.backend->name == std::string("cpu")) {}
  ~EntryCall();

  posenc_status bind(const posenc_tensor *arguments);
  posenc_status run(PackageFunction function);
  posenc_status take(posenc_tensor *results);

private:
  posenc_status bindTensor(const posenc_tensor &tensor);
  void layOutResults();
  posenc_tensor readResult(size_t index);
  posenc_status deliver(const ManifestValue &expected, posenc_tensor source,
                        posenc_tensor &result);
  posenc_status deliverCopy(const posenc_tensor &source, posenc_tensor &result);
  /// Results on the device stay where they are on a CPU.
  bool isHost(posenc_place where) const { return isCPU || where == POSENC_ON_HOST; }

  posenc_device &device;
  const ManifestEntry &entry;
  void *stream;
  bool isCPU;
  std::vector<void *> copies; // of arguments, on the device
  std::vector<std::vector<int64_t>> descriptors;
  std::vector<void *> words;
  std::vector<size_t> offsets; // of the results in resultMemory
  std::vector<int64_t> resultMemory;
  std::set<int64_t> foreign;            // allocations that are not the call's own
  std::vector<posenc_tensor> delivered; // made for the caller, until all is well
  std::set<int64_t> owned;              // results that nobody has taken
};
} // namespace

void posenc_tensor_release(posenc_device *device, posenc_tensor *tensor) {
  if (!tensor || !tensor->allocation)
    return;
  if (tensor->where == POSENC_ON_HOST ||
      posenc_device_backend(device) == std::string_view("cpu"))
    posenc_host_free(tensor->allocation);
  else
    (void)posenc_free(device, tensor->allocation);
  tensor->allocation = tensor->data = nullptr;
}

EntryCall::~EntryCall() {
  for (posenc_tensor &tensor : delivered)
    posenc_tensor_release(&device, &tensor);
  for (int64_t allocation : owned) {
    auto *memory = reinterpret_cast<void *>(allocation);
    isCPU ? posenc_host_free(memory) : (void)posenc_free(&device, memory);
  }
  // Waits for what still reads them.
  for (void *copy : copies)
    posenc_free(&device, copy);
}

posenc_status EntryCall::bindTensor(const posenc_tensor &tensor) {
  void *data = tensor.data;
  if (!isHost(POSENC_ON_DEVICE) && tensor.where == POSENC_ON_HOST) {
    uint64_t bytes = getByteCount(tensor);
    copies.reserve(copies.size() + 1);
    if (posenc_status status = posenc_alloc(&device, bytes, &data))
      return status;
    copies.push_back(data);
    if (posenc_status status = posenc_copy(&device, data, tensor.data, bytes, stream))
      return status;
  }
  std::vector<int64_t> words(3 + 2 * tensor.rank);
  words[0] = words[1] = reinterpret_cast<intptr_t>(data);
  int64_t stride = 1;
  for (uint32_t axis = tensor.rank; axis-- > 0;) {
    words[3 + axis] = tensor.shape[axis];
    words[3 + tensor.rank + axis] = stride;
    stride *= tensor.shape[axis];
  }
  foreign.insert(words[0]);
  descriptors.push_back(std::move(words));
  return POSENC_OK;
}

/// Offsets as in a C struct.
void EntryCall::layOutResults() {
  size_t end = 0;
  for (const ManifestValue &result : entry.results) {
    bool isTensor = result.value.is_tensor;
    size_t size =
        isTensor ? (3 + 2 * result.value.rank) * kWord : posenc_dtype_bytes(result.value.dtype);
    size_t alignment = isTensor ? kWord : size;
    end = (end + alignment - 1) / alignment * alignment;
    offsets.push_back(end);
    end += size;
  }
  resultMemory.resize(end / kWord + 1);
}

posenc_status EntryCall::bind(const posenc_tensor *arguments) {
  foreign = {0, kNotAllocated};
  layOutResults();
  words.push_back(resultMemory.data());
  descriptors.reserve(entry.arguments.size());
  for (size_t i = 0; i < entry.arguments.size(); ++i) {
    if (!entry.arguments[i].value.is_tensor) {
      words.push_back(arguments[i].data);
      continue;
    }
    if (posenc_status status = bindTensor(arguments[i]))
      return status;
    words.push_back(descriptors.back().data());
  }
  return POSENC_OK;
}

posenc_status EntryCall::run(PackageFunction function) {
  if (posenc_status status = posenc_call(&device, stream, function, words.data()))
    return status;
  for (size_t i = 0; i < entry.results.size(); ++i) {
    if (!entry.results[i].value.is_tensor)
      continue;
    int64_t allocation;
    std::memcpy(&allocation, reinterpret_cast<char *>(resultMemory.data()) + offsets[i], kWord);
    if (!foreign.count(allocation))
      owned.insert(allocation);
  }
  return POSENC_OK;
}

/// A result as the program left it.
posenc_tensor EntryCall::readResult(size_t index) {
  const posenc_package_value &value = entry.results[index].value;
  char *memory = reinterpret_cast<char *>(resultMemory.data()) + offsets[index];
  posenc_tensor tensor = {};
  tensor.dtype = value.dtype;
  if (!value.is_tensor) {
    tensor.data = memory;
    return tensor;
  }
  std::vector<int64_t> words(3 + 2 * value.rank);
  std::memcpy(words.data(), memory, words.size() * kWord);
  tensor.where = isCPU ? POSENC_ON_HOST : POSENC_ON_DEVICE;
  tensor.rank = value.rank;
  std::memcpy(tensor.shape, words.data() + 3, value.rank * kWord);
  tensor.data =
      reinterpret_cast<char *>(words[1]) + words[2] * int64_t(posenc_dtype_bytes(value.dtype));
  if (owned.count(words[0]))
    tensor.allocation = reinterpret_cast<void *>(words[0]);
  return tensor;
}

posenc_status EntryCall::deliverCopy(const posenc_tensor &source, posenc_tensor &result) {
  uint64_t bytes = getByteCount(source);
  posenc_status status = posenc_copy(&device, result.data, source.data, bytes, stream);
  // A scalar's memory goes away with the call, as does what copies read.
  if (!status && stream && isHost(result.where))
    status = posenc_stream_synchronize(&device, stream);
  return status;
}

posenc_status EntryCall::deliver(const ManifestValue &expected, posenc_tensor source,
                                 posenc_tensor &result) {
  posenc_tensor made = source;
  made.where = result.where;
  made.strides = nullptr;
  if (source.allocation && isHost(source.where) == isHost(result.where)) {
    owned.erase(reinterpret_cast<int64_t>(source.allocation));
    delivered.push_back(made);
    return POSENC_OK;
  }
  void *memory = nullptr;
  uint64_t bytes = getByteCount(source);
  if (isHost(result.where)) {
    constexpr uint64_t alignment = 64;
    memory = std::aligned_alloc(alignment, (bytes / alignment + 1) * alignment);
    if (!memory)
      return fail(POSENC_ERROR_OUT_OF_MEMORY, "cannot allocate " + std::to_string(bytes) +
                                                  " bytes for the result " + expected.name);
  } else if (posenc_status status = posenc_alloc(&device, bytes, &memory)) {
    return status;
  }
  made.data = made.allocation = memory;
  delivered.push_back(made);
  return deliverCopy(source, made);
}

posenc_status EntryCall::take(posenc_tensor *results) {
  size_t count = entry.results.size();
  delivered.reserve(count);
  std::vector<posenc_tensor> sources;
  for (size_t i = 0; i < count; ++i) {
    sources.push_back(readResult(i));
    const posenc_tensor &source = sources.back();
    bool fits = !results[i].data ||
                std::memcmp(source.shape, results[i].shape, source.rank * kWord) == 0;
    if (!fits)
      return fail(POSENC_ERROR_INVALID,
                  "result " + std::to_string(i) + " (" + entry.results[i].name + ") of @" +
                      entry.name + ": expected a buffer of shape " +
                      formatShape(source.shape, source.rank) + " but got one of shape " +
                      formatShape(results[i].shape, source.rank));
  }
  for (size_t i = 0; i < count; ++i) {
    // Two results may share an allocation; only the first takes it.
    if (!owned.count(reinterpret_cast<int64_t>(sources[i].allocation)))
      sources[i].allocation = nullptr;
    posenc_status status = results[i].data ? deliverCopy(sources[i], results[i])
                                           : deliver(entry.results[i], sources[i], results[i]);
    if (status)
      return status;
  }
  size_t next = 0;
  for (size_t i = 0; i < count; ++i)
    if (!results[i].data)
      results[i] = delivered[next++];
  delivered.clear();
  return POSENC_OK;
}

static posenc_status findEntry(const posenc_package &package, const char *name, size_t &index) {
  const std::vector<ManifestEntry> &entries = package.manifest.entries;
  if (!name && entries.size() == 1)
    return index = 0, POSENC_OK;
  std::string names;
  for (size_t i = 0; i < entries.size(); ++i) {
    if (name && entries[i].name == name)
      return index = i, POSENC_OK;
    names += (i ? ", @" : "@") + entries[i].name;
  }
  return fail(
      POSENC_ERROR_INVALID,
      (name ? "expected an entry @" + std::string(name) : "expected the name of an entry") +
          " but the package has " + (names.empty() ? "none" : names));
}

posenc_status posenc_package_call(const posenc_package *package, posenc_device *device,
                                  const char *name, const posenc_tensor *arguments,
                                  uint32_t argument_count, posenc_tensor *results,
                                  uint32_t result_count, void *stream) {
  return guarded({{package, "a package"}, {device, "a device"}}, [&] {
    size_t index = 0, target = 0;
    if (posenc_status status = findEntry(*package, name, index))
      return status;
    const ManifestEntry &entry = package->manifest.entries[index];
    std::string error;
    if (!checkTensors(entry, arguments, argument_count, results, result_count, error))
      return fail(POSENC_ERROR_INVALID, error);
    if (posenc_status status = package->select(device, target))
      return status;
    EntryCall call(*device, entry, stream);
    if (posenc_status status = call.bind(arguments))
      return status;
    if (posenc_status status = call.run(package->code->targets[target]->functions[index]))
      return status;
    return call.take(results);
  });
}
