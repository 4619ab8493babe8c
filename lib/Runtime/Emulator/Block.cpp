//===- Block.cpp - Scheduling of a block's threads --------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Block.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <memory>
#include <string>

using namespace posenc::emulator;

/// Instructions and checked accesses between two chances for others.
static constexpr uint32_t kSlice = 1 << 15;

Block::Block() = default;
Block::~Block() = default;

static uint64_t lowLanes(unsigned count) { return count >= 64 ? ~0ull : (1ull << count) - 1; }

bool Block::prepare(Launch &newLaunch, std::string &error) {
  launch = &newLaunch;
  unsigned count = launch->threads, wave = launch->module->image().wave;
  if (!stacks.reserve(count)) {
    error = "out of memory: no stacks for " + std::to_string(count) + " threads";
    return false;
  }
  stacks.clearStates();
  if (!shared.layOut(launch->module->image(), launch->dynamicShared, launch->checks(), error))
    return false;
  global = launch->memory;
  counters = {};
  alignments = launch->module->alignments();
  if (launch->checks() && !sharedRaces.reserve()) {
    error = "out of memory: no shadow of shared memory";
    return false;
  }
  if (threadCapacity < count) {
    threads = std::make_unique<Thread[]>(count);
    threadCapacity = count;
  }
  warps.resize((count + wave - 1) / wave);
  for (unsigned w = 0; w < warps.size(); ++w) {
    warps[w].index = w;
    warps[w].first = w * wave;
    warps[w].existing = lowLanes(std::min(wave, count - w * wave));
    warps[w].open.reserve(wave);
  }
  return true;
}

void Block::start(uint64_t index) {
  blockIndex = index;
  isStopped = isEventful = isMoving = false;
  random = Random(launch->options.schedule, index + 1);
  barriers.clear();
  states.clear();
  clocks.reset(launch->threads, launch->module->image().wave);
  shared.reset();
  sharedRaces.reset(launch->threads);
  globalRaces.reset(global, &launch->atomics, launch->tag, index, launch->module->image().wave);
  pendingCopies = 0;
  reported.clear();
  startThreads();
}

bool Block::run() {
  if (!schedule())
    return false;
  happened();
  if (counts())
    countBlock();
  return true;
}

void Block::startThreads() {
  const uint32_t *size = launch->block, *grid = launch->grid;
  unsigned wave = launch->module->image().wave;
  for (unsigned id = 0; id < launch->threads; ++id) {
    Thread &t = threads[id];
    t.api = &launch->api;
    uint32_t threadId[] = {id % size[0], id / size[0] % size[1], id / size[0] / size[1]};
    uint32_t blockId[] = {uint32_t(blockIndex % grid[0]),
                          uint32_t(blockIndex / grid[0] % grid[1]),
                          uint32_t(blockIndex / grid[0] / grid[1])};
    std::memcpy(t.thread_id, threadId, sizeof(threadId));
    std::memcpy(t.block_id, blockId, sizeof(blockId));
    std::memcpy(t.block_size, size, sizeof(t.block_size));
    std::memcpy(t.grid_size, grid, sizeof(t.grid_size));
    t.shared = shared.staticBase();
    t.dynamic_shared = shared.dynamicBase();
    t.owner = this;
    t.warp = &warps[id / wave];
    t.id = id;
    t.lane = id % wave;
    t.exited = false;
    t.pending = {};
    std::memset(t.counts, 0, sizeof(t.counts));
    t.copyGroup = 0;
    t.copies.clear();
    t.log.clear();
    t.budget = kSlice;
    t.watch.stop();
    t.context = stacks.start(id, entry);
  }
  alive = launch->threads;
  readyWarps = 0;
  currentWarp = 0;
  for (Warp &warp : warps) {
    warp.open.clear();
    warp.exited = warp.ready = 0;
    warp.nextLane = 0;
    warp.priority = uint32_t(random.next());
    makeReady(warp, warp.existing);
  }
}

void Block::entry(Transfer from) {
  Thread &t = *static_cast<Thread *>(from.data);
  Block &block = *t.owner;
  block.scheduler = from.fctx;
  block.launch->kernel->run(&t, block.launch->arguments);
  block.exited(t);
  block.leave();
}

void Block::exited(Thread &t) {
  checkCopies(t);
  t.exited = true;
  isMoving = true;
  t.warp->exited |= 1ull << t.lane;
  --alive;
  t.warp->ready &= ~(1ull << t.lane);
  if (!t.warp->ready)
    readyWarps &= ~(1ull << t.warp->index);
}

void Block::leave() {
  jump_fcontext(scheduler, nullptr);
  __builtin_unreachable();
}

void Block::resume(Thread &t) {
  budget = t.budget;
  isMoving |= !t.watch.isOn();
  t.context = jump_fcontext(t.context, &t).fctx;
  t.budget = budget;
}

/// Gives control to the scheduler until somebody makes the thread ready.
void Block::suspend(Thread &t) {
  (void)t;
  scheduler = jump_fcontext(scheduler, nullptr).fctx;
}

void Block::makeReady(Warp &warp, uint64_t lanes) {
  warp.ready |= lanes;
  if (lanes)
    readyWarps |= 1ull << warp.index;
}

void Block::yield(Thread &t) {
  // Still ready, but others come first.
  currentWarp = (t.warp->index + 1) % warps.size();
  t.warp->priority = uint32_t(random.next());
  suspend(t);
}

/// Something happened in the launch that others may have polled for.
void Block::happened() {
  isMoving = false;
  isEventful = true;
  launch->events.fetch_add(1);
}

/// Whether a step that is about to be checked can be looked at.
bool Block::mayRead(const void *address, uint64_t bytes) {
  if (!launch->checks())
    return true;
  uint64_t offset = shared.offset(address);
  const uint8_t *state = nullptr;
  if (offset < SharedMemory::kWindow && bytes <= SharedMemory::kWindow - offset)
    state = shared.state(offset);
  else if (global->contains(address) &&
           global->contains(static_cast<const char *>(address) + bytes))
    state = global->state(global->offset(address));
  return state &&
         std::none_of(state, state + bytes, [](uint8_t s) { return s == Gap || s == Freed; });
}

/// The slice is over: before or after a step, as the caller has it.
void Block::spent(Thread &t, const void *address, uint64_t bytes, uint32_t site, bool writes) {
  if (address)
    return step(t, {site, address, bytes, writes,
                    mayRead(address, bytes) ? hashBytes(address, bytes, site) : 0});
  const Site &instruction = launch->module->site(site);
  uint64_t values = hashBytes(t.pending.operands, 8 * instruction.operandScalars, site);
  values = hashBytes(t.pending.results, 8 * instruction.resultScalars, values);
  step(t, {site, nullptr, 0, false, values});
}

void Block::step(Thread &t, const Step &step) {
  budget = 1;
  if (isMoving)
    happened();
  if (!t.watch.isOn())
    return t.watch.start();
  if (!t.watch.repeats(step)) {
    happened();
    if (!t.watch.isBusy())
      return;
    t.watch.stop();
    budget = kSlice;
    return yield(t);
  }
  t.watch.poll(launch->events.load());
  if (t.watch.endsTurn())
    yield(t);
}

bool Block::isPatient(uint64_t epoch) const {
  for (const Warp &warp : warps)
    for (uint64_t rest = warp.ready; rest; rest &= rest - 1)
      if (!threads[warp.first + __builtin_ctzll(rest)].watch.isPatient(epoch))
        return false;
  return !isMoving;
}

/// Turns per thread in which nothing happens until the worker may look elsewhere.
static constexpr unsigned kQuiet = 4;

/// False: everyone that is ready polls.
bool Block::schedule() {
  for (unsigned quiet = 0; !isStopped;) {
    if (!readyWarps) {
      if (retryAll())
        continue;
      if (!isStopped && alive)
        reportStuck();
      break;
    }
    isEventful = false;
    resume(*pick());
    quiet = isMoving || isEventful ? 0 : quiet + 1;
    if (quiet <= kQuiet * alive || !readyWarps)
      continue;
    if (!retryAll() && !isStopped)
      return false;
    quiet = 0;
  }
  return true;
}

Thread *Block::pick() {
  if (launch->options.schedule)
    return pickAtRandom();
  if (!warps[currentWarp].ready) {
    uint64_t later = readyWarps >> currentWarp << currentWarp;
    currentWarp = __builtin_ctzll(later ? later : readyWarps);
  }
  Warp &warp = warps[currentWarp];
  uint64_t later = warp.nextLane < 64 ? warp.ready >> warp.nextLane << warp.nextLane : 0;
  unsigned lane = __builtin_ctzll(later ? later : warp.ready);
  warp.nextLane = lane + 1;
  return &threads[warp.first + lane];
}

/// The ready warp of the highest priority, any lane of it.
Thread *Block::pickAtRandom() {
  if (random.oneIn(16))
    warps[random.below(unsigned(warps.size()))].priority = uint32_t(random.next());
  // Those that wait look again, some long before they must.
  if (random.oneIn(8))
    retry(warps[random.below(unsigned(warps.size()))]);
  Warp *best = nullptr;
  for (uint64_t rest = readyWarps; rest; rest &= rest - 1) {
    Warp &warp = warps[__builtin_ctzll(rest)];
    if (!best || warp.priority > best->priority)
      best = &warp;
  }
  unsigned start = random.below(64);
  uint64_t later = best->ready >> start << start;
  return &threads[best->first + __builtin_ctzll(later ? later : best->ready)];
}

uint64_t *Block::state(const void *object, unsigned words) {
  std::vector<uint64_t> &kept = states[object];
  if (kept.size() < words)
    kept.resize(words);
  return kept.data();
}

std::string Block::name(const Thread &t) const {
  return "thread " + position(t.id, launch->block);
}

std::string Block::location(uint32_t site) const {
  const char *text = launch->module->site(site).raw->location;
  return text && *text ? text : "unknown location";
}

void Block::report(const Thread &t, uint32_t site, const std::string &what,
                   const std::string &address, bool fatal) {
  report(t, site, what, address, fatal, Reports::kNoSite, {});
}

void Block::report(const Thread &t, uint32_t site, const std::string &what,
                   const std::string &address, bool fatal, uint32_t otherSite,
                   const std::string &note) {
  isStopped |= fatal;
  size_t hash = std::hash<std::string>()(what) ^ site * 0x9e3779b97f4a7c15 ^
                otherSite * 0xc2b2ae3d27d4eb4f;
  if (!reported.insert(hash).second)
    return;
  std::string text = location(site) + ": error: emulator: " + what + " in kernel @" +
                     launch->kernel->name + ", block " + position(blockIndex, launch->grid) +
                     ", " + name(t);
  if (!address.empty())
    text += ", address " + address;
  if (!note.empty())
    text += "\n" + (otherSite == Reports::kNoSite ? location(site) : location(otherSite)) +
            ": note: " + note;
  launch->reports.add(blockIndex, {what, site, otherSite, text});
}
