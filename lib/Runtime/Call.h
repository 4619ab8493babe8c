//===- Call.h - A call of compiled code -------------------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// A failure leaves compiled code by longjmp. No C++ object with a destructor may live
// in the frames that are skipped: functions of CompiledCode.h compute their status in
// a function that has returned when they leave.
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RUNTIME_CALL_H
#define POSENC_LIB_RUNTIME_CALL_H

#include "Device.h"

#include <atomic>
#include <csetjmp>
#include <unordered_map>

namespace posenc::runtime {

/// What a call of posenc_call has allocated and not yet freed. Threads of the pool
/// work on the call of the thread that they help.
class Call {
public:
  /// `stream` may be null: then the call waits for its work before it ends.
  Call(posenc_device &device, void *stream, Call *parent)
      : device(device), isSynchronous(!stream), stream(stream), parent(parent) {}
  Call(const Call &) = delete;
  Call &operator=(const Call &) = delete;
  ~Call();

  /// After success: waits if the caller gave no stream, and leaves what is not freed to
  /// the surrounding call.
  posenc_status finish();
  /// Frees everything after a failure, whose message stays.
  void release();

  posenc_status getStream(void **result);
  posenc_status synchronize();

  posenc_status createEvent(void **event);
  posenc_status destroyEvent(void *event);
  posenc_status recordEvent(void *event);
  posenc_status waitEvent(void *event);
  posenc_status synchronizeEvent(void *event);

  posenc_status allocate(uint64_t bytes, bool hostShared, void **memory);
  posenc_status free(void *memory);
  posenc_status copy(void *to, const void *from, uint64_t bytes);
  posenc_status set(void *memory, uint32_t value, uint32_t width, uint64_t count);
  posenc_status launch(posenc_rt_module &module, const char *kernel, const uint64_t grid[3],
                       const uint64_t block[3], uint32_t sharedBytes, void **arguments,
                       uint64_t argumentCount);

  void addHost(void *memory);
  /// Also from a surrounding call.
  void removeHost(void *memory);

  posenc_device &device;

private:
  enum class Kind { Host, Device, Event };

  void add(void *resource, Kind kind);
  bool remove(void *resource);
  /// The call that keeps the resource, which forgets it; this one if there is none.
  Call &removeFromOwner(void *resource);
  bool owns(const void *resource);
  void releaseOne(void *resource, Kind kind);
  posenc_status freeDevice(void *memory);

  const bool isSynchronous;
  void *stream;
  bool ownsStream = false;      ///< and gives it back
  bool isRuntimeStream = false; ///< so that the memory cache may rely on it
  Call *parent;
  /// Work since the last wait; work that the host may look at or change.
  std::atomic<bool> isBusy{false}, hostWaits{false}, hasShared{false};
  std::mutex mutex; ///< of the stream and the resources
  std::unordered_map<void *, Kind> resources;
};

/// Where a failure of the code that runs on this thread goes.
struct Frame {
  Call *call;
  Frame *previous;
  posenc_status status = POSENC_OK;
  std::jmp_buf jump;
};

/// The innermost on this thread, or null.
Frame *getFrame();

/// Runs `function(argument)` in a frame of its own: POSENC_OK or the status it left with.
posenc_status runInFrame(Call *call, void (*function)(void *), void *argument);

/// Ends what runs in the innermost frame; without one, the process. The message is
/// posenc_last_error's.
[[noreturn]] void leave(posenc_status status);

} // namespace posenc::runtime

#endif // POSENC_LIB_RUNTIME_CALL_H
