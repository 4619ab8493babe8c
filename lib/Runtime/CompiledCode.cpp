//===- CompiledCode.cpp - What compiled host code calls -------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Runtime/CompiledCode.h"

#include "Call.h"
#include "Devices.h"
#include "Error.h"

#include <cstdlib>
#include <cstring>

using namespace posenc::runtime;

// Streams in the code are all the call's: what it was given or what stream_create gave.

/// Runs `body(call)`; when it has failed and all its objects are gone, leaves.
template <class Body> static void inCall(Body body) {
  posenc_status status = guarded([&]() -> posenc_status {
    Frame *frame = getFrame();
    if (!frame || !frame->call)
      return failStatic(POSENC_ERROR_INVALID,
                        "expected compiled code to be called through posenc_call");
    return body(*frame->call);
  });
  if (status)
    leave(status);
}

void *posenc_rt_stream_create(void) {
  void *stream = nullptr;
  inCall([&](Call &call) { return call.getStream(&stream); });
  return stream;
}

void posenc_rt_stream_synchronize(void *) {
  inCall([&](Call &call) { return call.synchronize(); });
}

// The stream is the caller's, or goes on to serve the rest of the call.
void posenc_rt_stream_destroy(void *) {}

void posenc_rt_stream_wait_event(void *, void *event) {
  inCall([&](Call &call) { return call.waitEvent(event); });
}

void *posenc_rt_event_create(void) {
  void *event = nullptr;
  inCall([&](Call &call) { return call.createEvent(&event); });
  return event;
}

void posenc_rt_event_record(void *event, void *) {
  inCall([&](Call &call) { return call.recordEvent(event); });
}

void posenc_rt_event_synchronize(void *event) {
  inCall([&](Call &call) { return call.synchronizeEvent(event); });
}

void posenc_rt_event_destroy(void *event) {
  inCall([&](Call &call) { return call.destroyEvent(event); });
}

void *posenc_rt_mem_alloc(uint64_t bytes, void *, uint8_t host_shared) {
  void *memory = nullptr;
  inCall([&](Call &call) { return call.allocate(bytes, host_shared, &memory); });
  return memory;
}

void posenc_rt_mem_free(void *memory, void *) {
  inCall([&](Call &call) { return call.free(memory); });
}

void posenc_rt_memcpy(void *to, const void *from, uint64_t bytes, void *) {
  inCall([&](Call &call) { return call.copy(to, from, bytes); });
}

void posenc_rt_memset16(void *memory, uint16_t value, uint64_t count, void *) {
  inCall([&](Call &call) { return call.set(memory, value, sizeof(value), count); });
}

void posenc_rt_memset32(void *memory, uint32_t value, uint64_t count, void *) {
  inCall([&](Call &call) { return call.set(memory, value, sizeof(value), count); });
}

void posenc_rt_launch(posenc_rt_module *module, const char *kernel, uint64_t grid_x,
                      uint64_t grid_y, uint64_t grid_z, uint64_t block_x, uint64_t block_y,
                      uint64_t block_z, uint32_t shared_bytes, void *, void **arguments,
                      uint64_t argument_count) {
  const uint64_t grid[3] = {grid_x, grid_y, grid_z}, block[3] = {block_x, block_y, block_z};
  inCall([&](Call &call) {
    return call.launch(*module, kernel, grid, block, shared_bytes, arguments, argument_count);
  });
}

void *posenc_rt_constant(posenc_rt_module *module, const void *data, uint64_t bytes) {
  void *memory = nullptr;
  inCall([&](Call &call) {
    LoadedModule &loaded = call.device.getLoaded(getIdentity(module));
    return call.device.getConstant(loaded, data, bytes, &memory);
  });
  return memory;
}

/// Keeps host memory for the call that runs; outside of one, memory is as malloc's.
static posenc_status keep(void *memory, uint64_t bytes, void **result) {
  if (!memory)
    return fail(POSENC_ERROR_OUT_OF_MEMORY,
                "cannot allocate " + std::to_string(bytes) + " bytes on the host");
  Frame *frame = getFrame();
  if (frame && frame->call) {
    try {
      frame->call->addHost(memory);
    } catch (...) {
      std::free(memory);
      throw;
    }
  }
  *result = memory;
  return POSENC_OK;
}

void *posenc_rt_malloc(uint64_t bytes) {
  void *result = nullptr;
  // Never null, also for nothing.
  void *memory = std::malloc(bytes ? bytes : 1);
  if (posenc_status status = guarded([&] { return keep(memory, bytes, &result); }))
    leave(status);
  return result;
}

void *posenc_rt_aligned_alloc(uint64_t alignment, uint64_t bytes) {
  void *result = nullptr, *memory = nullptr;
  if (posix_memalign(&memory, alignment < sizeof(void *) ? sizeof(void *) : alignment,
                     bytes ? bytes : 1))
    memory = nullptr;
  if (posenc_status status = guarded([&] { return keep(memory, bytes, &result); }))
    leave(status);
  return result;
}

void posenc_rt_free(void *memory) {
  Frame *frame = getFrame();
  if (memory && frame && frame->call)
    frame->call->removeHost(memory);
  std::free(memory);
}

void posenc_rt_assert_failed(const char *message) {
  leave(guarded([&] { return fail(POSENC_ERROR_ASSERTION, message); }));
}

namespace {
/// MLIR's unranked memref and the descriptor that it points to:
/// {allocated, aligned, offset, sizes[rank], strides[rank]}.
struct Unranked {
  int64_t rank;
  const int64_t *descriptor;

  char *data(int64_t elementBytes) const {
    return reinterpret_cast<char *>(descriptor[1]) + descriptor[2] * elementBytes;
  }
  int64_t size(int64_t axis) const { return descriptor[3 + axis]; }
  int64_t stride(int64_t axis) const { return descriptor[3 + rank + axis]; }
};
} // namespace

void posenc_rt_memref_copy(int64_t element_bytes, const void *from, const void *to) {
  const auto &source = *static_cast<const Unranked *>(from);
  const auto &target = *static_cast<const Unranked *>(to);
  int64_t rank = source.rank, count = 1;
  for (int64_t axis = 0; axis < rank; ++axis)
    count *= source.size(axis);
  for (int64_t i = 0; i < count; ++i) {
    int64_t rest = i, sourceAt = 0, targetAt = 0;
    for (int64_t axis = rank; axis-- > 0; rest /= source.size(axis)) {
      sourceAt += rest % source.size(axis) * source.stride(axis);
      targetAt += rest % source.size(axis) * target.stride(axis);
    }
    std::memmove(target.data(element_bytes) + targetAt * element_bytes,
                 source.data(element_bytes) + sourceAt * element_bytes, element_bytes);
  }
}
