//===- PackageProgram.cpp - A package on a device -------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PackageProgram.h"

#include <memory>

using namespace mlir::posenc;

/// By posenc_dtype.
static constexpr DType kTypes[] = {DType::Bool, DType::I8,  DType::U8,  DType::I16, DType::U16,
                                   DType::I32,  DType::U32, DType::I64, DType::U64, DType::F16,
                                   DType::BF16, DType::F32, DType::F64};

static posenc_dtype getRuntimeType(DType type) {
  for (size_t i = 0; i < sizeof(kTypes) / sizeof(kTypes[0]); ++i)
    if (kTypes[i] == type)
      return posenc_dtype(i);
  return POSENC_U16; // Raw16: 16 bits of something
}

static ValueSpec makeSpec(const posenc_package_value &value) {
  ValueSpec spec;
  spec.type = kTypes[value.dtype];
  spec.isTensor = value.is_tensor;
  spec.isSignless = value.is_signless;
  spec.shape.assign(value.shape, value.shape + value.rank);
  return spec;
}

PackageProgram::~PackageProgram() {
  closeDevice();
  posenc_package_unload(package);
}

void PackageProgram::closeDevice() {
  posenc_device_close(device);
  device = nullptr;
}

bool PackageProgram::load(const RunOptions &options, std::string &error) {
  if (posenc_package_load(options.file.c_str(), &package) == POSENC_OK)
    return findEntry(options, error);
  error = posenc_last_error();
  return false;
}

bool PackageProgram::findEntry(const RunOptions &options, std::string &error) {
  uint32_t count = posenc_package_entry_count(package);
  const posenc_package_entry *entry = nullptr;
  if (!options.entry.empty())
    entry = posenc_package_find_entry(package, options.entry.c_str());
  else if (count == 1)
    entry = posenc_package_entry_at(package, 0);
  if (!entry) {
    std::string names;
    for (uint32_t i = 0; i < count; ++i)
      names += std::string(i ? ", @" : "@") + posenc_package_entry_at(package, i)->name;
    error = options.file + ": expected " +
            (options.entry.empty() ? "--entry" : "an entry @" + options.entry) +
            " but the package has " + (names.empty() ? "none" : names);
    return false;
  }
  name = entry->name;
  for (uint32_t i = 0; i < entry->argument_count; ++i)
    arguments.push_back(makeSpec(entry->arguments[i]));
  for (uint32_t i = 0; i < entry->result_count; ++i)
    results.push_back(makeSpec(entry->results[i]));
  return true;
}

/// Opens a device and looks whether the package has code for it.
bool PackageProgram::tryDevice(const std::string &text, const RunOptions &options,
                               uint64_t schedule, std::string &error) {
  closeDevice();
  std::string order = "schedule=" + std::to_string(schedule);
  const char *emulator[] = {order.c_str(), options.emulateChecks ? "checks=on" : "checks=off",
                            nullptr};
  bool isEmulated = text.compare(0, 8, "emulate:") == 0;
  const posenc_package_target *found = nullptr;
  if (posenc_device_open(text.c_str(), isEmulated ? emulator : nullptr, &device) == POSENC_OK &&
      posenc_package_select(package, device, &found) == POSENC_OK) {
    target = text;
    return true;
  }
  error = text + ": " + posenc_last_error();
  closeDevice();
  return false;
}

bool PackageProgram::openDevice(const RunOptions &options, uint64_t schedule,
                                std::string &error) {
  if (options.hasTarget) {
    if (tryDevice(options.getTarget(), options, schedule, error))
      return true;
    error = "--target=" + error;
    return false;
  }
  // GPUs first, then this machine; emulation is for those who have nothing else.
  std::string all, why;
  for (const char *backend : {"cuda", "hip", "cpu", "emulate"})
    for (uint32_t i = 0; i < posenc_package_target_count(package); ++i) {
      const posenc_package_target *candidate = posenc_package_target_at(package, i);
      if (std::string(candidate->backend) != backend)
        continue;
      bool isEmulated = std::string(backend) == "emulate";
      if (tryDevice(isEmulated ? candidate->name : backend, options, schedule, why))
        return true;
      all += (all.empty() ? "" : "; ") + why;
      if (!isEmulated)
        break;
    }
  error = options.file + ": expected a device that the package has code for: " + all;
  return false;
}

static posenc_tensor makeTensor(const Array &array) {
  posenc_tensor tensor = {};
  tensor.data = array.data();
  tensor.dtype = getRuntimeType(array.type);
  tensor.rank = uint32_t(array.shape.size());
  for (uint32_t axis = 0; axis < tensor.rank && axis < POSENC_MAX_RANK; ++axis)
    tensor.shape[axis] = array.shape[axis];
  return tensor;
}

/// Scalars come as arrays of one element of any rank.
static std::vector<posenc_tensor> makeTensors(const std::vector<Array> &arrays,
                                              const std::vector<ValueSpec> &specs) {
  std::vector<posenc_tensor> tensors;
  for (size_t i = 0; i < arrays.size(); ++i) {
    tensors.push_back(makeTensor(arrays[i]));
    if (!specs[i].isTensor)
      tensors.back().rank = 0;
  }
  return tensors;
}

bool PackageProgram::call(const std::vector<Array> &arrays, std::vector<Array> &outputs,
                          std::string &error) const {
  std::vector<posenc_tensor> inputs = makeTensors(arrays, arguments);
  std::vector<posenc_tensor> made(results.size(), posenc_tensor{});
  if (posenc_package_call(package, device, name.c_str(), inputs.data(), uint32_t(inputs.size()),
                          made.data(), uint32_t(made.size()), nullptr) != POSENC_OK) {
    error = posenc_last_error();
    return false;
  }
  outputs.clear();
  for (size_t i = 0; i < made.size(); ++i) {
    const posenc_tensor &tensor = made[i];
    std::shared_ptr<void> owner(tensor.allocation, posenc_host_free);
    outputs.push_back(Array::adopt(results[i].type, {tensor.shape, tensor.shape + tensor.rank},
                                   std::shared_ptr<void>(owner, tensor.data)));
  }
  return true;
}

namespace {
/// What a timed call needs on the device.
struct Bench {
  posenc_device *device;
  void *stream = nullptr, *begin = nullptr, *end = nullptr;
  std::vector<posenc_tensor> inputs, outputs;

  explicit Bench(posenc_device *device) : device(device) {}
  ~Bench() {
    for (posenc_tensor &tensor : outputs)
      posenc_tensor_release(device, &tensor);
    for (posenc_tensor &tensor : inputs)
      if (tensor.where == POSENC_ON_DEVICE)
        posenc_free(device, tensor.data);
    if (end)
      posenc_event_destroy(device, end);
    if (begin)
      posenc_event_destroy(device, begin);
    if (stream)
      posenc_stream_destroy(device, stream);
  }

  posenc_status place(posenc_tensor &tensor, uint64_t bytes) {
    void *memory = nullptr;
    if (posenc_status status = posenc_alloc(device, bytes, &memory))
      return status;
    const void *host = tensor.data;
    tensor.data = memory;
    tensor.where = POSENC_ON_DEVICE;
    return posenc_copy(device, memory, host, bytes, nullptr);
  }
  posenc_status call(const posenc_package *package, const char *name, float &elapsed);
};
} // namespace

posenc_status Bench::call(const posenc_package *package, const char *name, float &elapsed) {
  if (posenc_status status = posenc_event_record(device, begin, stream))
    return status;
  for (posenc_tensor &tensor : outputs) {
    tensor = {};
    tensor.where = POSENC_ON_DEVICE;
  }
  if (posenc_status status =
          posenc_package_call(package, device, name, inputs.data(), uint32_t(inputs.size()),
                              outputs.data(), uint32_t(outputs.size()), stream))
    return status;
  if (posenc_status status = posenc_event_record(device, end, stream))
    return status;
  if (posenc_status status = posenc_stream_synchronize(device, stream))
    return status;
  for (posenc_tensor &tensor : outputs)
    posenc_tensor_release(device, &tensor);
  return posenc_event_elapsed(device, begin, end, &elapsed);
}

bool PackageProgram::time(const std::vector<Array> &arrays, std::vector<double> &milliseconds,
                          std::string &error) const {
  Bench bench(device);
  bench.inputs = makeTensors(arrays, arguments);
  bench.outputs.resize(results.size());
  posenc_status status = posenc_stream_create(device, &bench.stream);
  if (!status)
    status = posenc_event_create(device, &bench.begin);
  if (!status)
    status = posenc_event_create(device, &bench.end);
  for (size_t i = 0; !status && i < arrays.size(); ++i)
    if (arguments[i].isTensor)
      status = bench.place(bench.inputs[i], arrays[i].getNumBytes());
  for (size_t i = 0; !status && i < milliseconds.size(); ++i) {
    float elapsed = 0;
    status = bench.call(package, name.c_str(), elapsed);
    milliseconds[i] = elapsed;
  }
  if (status)
    error = posenc_last_error();
  return !status;
}
