//===- FiberRuntime.cpp - GPU threads as fibers ---------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// What posenc-test-simulate-kernels calls. Blocks run one after another; the
// threads of a block take turns in an order that POSENC_TEST_SCHEDULE seeds, and
// switch only where they wait for each other. Workgroup memory starts as NaN, so
// that a read before the write shows. A rendezvous that not everybody reaches
// ends the process.
//===----------------------------------------------------------------------===//

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <numeric>
#include <random>
#include <ucontext.h>
#include <vector>

namespace {
enum class Wait { Nothing, Barrier, Lanes, Done };

struct Fiber {
  ucontext_t context;
  std::unique_ptr<char[]> stack;
  Wait wait = Wait::Nothing;
  /// Lane exchange: the value given, the lane to read from, what was read.
  float value = 0, received = 0;
  unsigned source = 0;
};

struct Block {
  int64_t id = 0;
  std::vector<Fiber> fibers;
  struct Free {
    void operator()(void *memory) const { free(memory); }
  };
  std::vector<std::unique_ptr<void, Free>> workgroup;
  unsigned current = 0;
  ucontext_t scheduler;
  void (*entry)(void *) = nullptr;
  void *arguments = nullptr;
} block;

constexpr size_t stackBytes = 64 << 10;

unsigned numberFromEnvironment(const char *name, unsigned otherwise) {
  const char *text = getenv(name);
  return text ? atoi(text) : otherwise;
}

[[noreturn]] void fail(const char *what) {
  fprintf(stderr, "simulator: %s in block %lld\n", what, static_cast<long long>(block.id));
  exit(1);
}

void runFiber() {
  block.entry(block.arguments);
  block.fibers[block.current].wait = Wait::Done;
  swapcontext(&block.fibers[block.current].context, &block.scheduler);
}

void waitFor(Wait what) {
  Fiber &self = block.fibers[block.current];
  self.wait = what;
  swapcontext(&self.context, &block.scheduler);
}

/// Whether fibers [begin, end) all wait for `what`.
bool allWait(size_t begin, size_t end, Wait what) {
  for (size_t i = begin; i < end; ++i)
    if (block.fibers[i].wait != what)
      return false;
  return true;
}

void release(size_t begin, size_t end) {
  for (size_t i = begin; i < end; ++i)
    block.fibers[i].wait = Wait::Nothing;
}

/// Lets complete groups go on; false if there is none.
bool releaseGroups(size_t wave) {
  size_t size = block.fibers.size();
  if (allWait(0, size, Wait::Barrier)) {
    release(0, size);
    return true;
  }
  bool any = false;
  for (size_t begin = 0; begin < size; begin += wave) {
    size_t end = std::min(begin + wave, size);
    if (!allWait(begin, end, Wait::Lanes))
      continue;
    for (size_t i = begin; i < end; ++i)
      block.fibers[i].received = block.fibers[begin + block.fibers[i].source].value;
    release(begin, end);
    any = true;
  }
  return any;
}

void runBlock(std::vector<unsigned> &order, std::mt19937 &random, size_t wave) {
  for (Fiber &fiber : block.fibers) {
    getcontext(&fiber.context);
    fiber.context.uc_stack.ss_sp = fiber.stack.get();
    fiber.context.uc_stack.ss_size = stackBytes;
    fiber.context.uc_link = &block.scheduler;
    makecontext(&fiber.context, runFiber, 0);
    fiber.wait = Wait::Nothing;
  }
  uint32_t resting = random();
  while (!allWait(0, block.fibers.size(), Wait::Done)) {
    // Half of the waves rest for some rounds, so that others can run ahead as
    // far as barriers let them.
    std::shuffle(order.begin(), order.end(), random);
    bool ran = false;
    for (unsigned i : order) {
      Fiber &fiber = block.fibers[i];
      if (fiber.wait != Wait::Nothing || (resting >> (i / wave % 32) & 1))
        continue;
      ran = true;
      block.current = i;
      swapcontext(&block.scheduler, &fiber.context);
    }
    if (!ran || random() % 16 == 0)
      resting = random();
    bool ready = std::any_of(block.fibers.begin(), block.fibers.end(),
                             [](const Fiber &fiber) { return fiber.wait == Wait::Nothing; });
    if (!releaseGroups(wave) && !ran && !ready && !allWait(0, block.fibers.size(), Wait::Done))
      fail("threads wait for others that do not come");
  }
}

float exchange(float value, unsigned source) {
  Fiber &self = block.fibers[block.current];
  self.value = value;
  self.source = source;
  waitFor(Wait::Lanes);
  return block.fibers[block.current].received;
}

unsigned laneOf(unsigned thread) {
  return thread % numberFromEnvironment("POSENC_TEST_WAVE", 32);
}
} // namespace

extern "C" {
int64_t posencTestThreadId() { return block.current; }
int64_t posencTestBlockId() { return block.id; }
void posencTestBarrier() { waitFor(Wait::Barrier); }

float posencTestShuffleXor(float value, int32_t offset, int32_t width) {
  unsigned lane = laneOf(block.current);
  unsigned other = lane ^ static_cast<unsigned>(offset);
  // Outside its group of `width` a lane gets its own value.
  return exchange(value, other / width == lane / width ? other : lane);
}

float posencTestDpp(float value, int32_t control) {
  constexpr int32_t rowRor = 0x120;
  int32_t by = control - rowRor;
  if (by < 1 || by > 15)
    fail("a DPP control that the simulator does not know");
  unsigned lane = laneOf(block.current);
  return exchange(value, lane / 16 * 16 + (lane + 16 - by) % 16);
}

void *posencTestWorkgroup(int64_t index, int64_t bytes) {
  auto &buffers = block.workgroup;
  if (buffers.size() <= static_cast<size_t>(index))
    buffers.resize(index + 1);
  if (!buffers[index]) {
    buffers[index].reset(aligned_alloc(64, (bytes + 63) / 64 * 64));
    memset(buffers[index].get(), 0xff, bytes);
  }
  return buffers[index].get();
}

void posencTestLaunch(int64_t blocks, int64_t threads, void (*entry)(void *), void *arguments) {
  if (blocks < 1)
    fail("an empty grid");
  size_t wave = numberFromEnvironment("POSENC_TEST_WAVE", 32);
  std::mt19937 random(numberFromEnvironment("POSENC_TEST_SCHEDULE", 0));
  block.entry = entry;
  block.arguments = arguments;
  block.fibers.resize(threads);
  for (Fiber &fiber : block.fibers)
    fiber.stack.reset(new char[stackBytes]);
  std::vector<unsigned> order(threads);
  std::iota(order.begin(), order.end(), 0);
  for (block.id = 0; block.id < blocks; ++block.id) {
    block.workgroup.clear();
    runBlock(order, random, wave);
  }
  block.fibers.clear();
  block.workgroup.clear();
}
}
