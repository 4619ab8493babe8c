//===- ParallelFor.cpp - Parallel loops of compiled code ------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Call.h"
#include "Error.h"
#include "ThreadPool.h"

#include <algorithm>
#include <atomic>

using namespace posenc::runtime;

namespace {
/// How parallel loops run: the host program's function, or the pool if there is none.
struct HostLoops {
  std::mutex mutex;
  posenc_parallel_for function = nullptr;
  void *user = nullptr;
  uint32_t threads = 0;
};

struct Job {
  Job(void (*body)(void *, int64_t, int64_t), void *context, int64_t count, int64_t chunk,
      Call *call)
      : body(body), context(context), count(count), chunk(chunk), call(call) {}

  void (*body)(void *, int64_t, int64_t);
  void *context;
  int64_t count, chunk;
  Call *call; ///< of the thread that runs the loop

  std::atomic<bool> failed{false};
  std::mutex mutex; ///< of the first failure
  posenc_status status = POSENC_OK;
  std::string message;

  void record(posenc_status why);
};

struct Part {
  Job *job;
  int64_t begin, end;
};
} // namespace

static HostLoops &getHostLoops() {
  static auto *loops = new HostLoops;
  return *loops;
}

uint32_t posenc_thread_count(void) {
  HostLoops &loops = getHostLoops();
  std::lock_guard<std::mutex> lock(loops.mutex);
  return loops.function ? loops.threads : getThreadPool().getThreadCount();
}

void posenc_set_parallel_for(posenc_parallel_for function, void *user, uint32_t threads) {
  HostLoops &loops = getHostLoops();
  std::lock_guard<std::mutex> lock(loops.mutex);
  loops.function = function;
  loops.user = user;
  loops.threads = std::max(threads, 1u);
}

void Job::record(posenc_status why) {
  std::lock_guard<std::mutex> lock(mutex);
  if (failed)
    return;
  status = why;
  try {
    message = posenc_last_error();
  } catch (...) {
    message.clear();
  }
  failed = true;
}

static void runPart(void *argument) {
  auto *part = static_cast<Part *>(argument);
  part->job->body(part->job->context, part->begin, part->end);
}

static void runTask(void *context, uint64_t index) {
  auto *job = static_cast<Job *>(context);
  if (job->failed)
    return;
  Part part{job, int64_t(index) * job->chunk, 0};
  part.end = std::min(job->count, part.begin + job->chunk);
  if (posenc_status status = runInFrame(job->call, runPart, &part))
    job->record(status);
}

static posenc_status runParallel(Job &job, uint64_t parts) {
  HostLoops &loops = getHostLoops();
  posenc_parallel_for function;
  void *user;
  {
    std::lock_guard<std::mutex> lock(loops.mutex);
    function = loops.function;
    user = loops.user;
  }
  if (function)
    function(user, parts, runTask, &job);
  else
    getThreadPool().run(parts, runTask, &job);
  return job.failed ? fail(job.status, job.message) : POSENC_OK;
}

/// Some parts per thread, as rows of a causal attention differ in length.
static int64_t chooseChunk(int64_t count, int64_t grain) {
  constexpr int64_t partsPerThread = 8;
  int64_t parts = int64_t(posenc_thread_count()) * partsPerThread;
  return std::max({grain, int64_t(1), (count + parts - 1) / parts});
}

void posenc_rt_parallel_for(void (*body)(void *context, int64_t begin, int64_t end),
                            void *context, int64_t count, int64_t grain) {
  if (count <= 0)
    return;
  int64_t chunk = posenc_thread_count() == 1 ? count : chooseChunk(count, grain);
  // In the frame that there is: nothing here needs cleaning up.
  if (chunk >= count)
    return body(context, 0, count);
  posenc_status status = guarded([&] {
    Frame *frame = getFrame();
    Job job(body, context, count, chunk, frame ? frame->call : nullptr);
    return runParallel(job, uint64_t((count + chunk - 1) / chunk));
  });
  if (status)
    leave(status);
}
