//===- GlobalMemory.cpp - Emulated device memory ----------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GlobalMemory.h"

#include "Report.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <mutex>
#include <string>

#include <sys/mman.h>

using namespace posenc::emulator;

static constexpr uint64_t kGranule = 256, kPage = 4096;
/// Freed memory that is not reused yet.
static constexpr uint64_t kQuarantined = 256ull << 20;
static constexpr size_t kQuarantinedRanges = 1024;
/// Host addresses per device address: memory, states, word cells and their sites, byte
/// cells.
static constexpr uint64_t kWordCells = 4, kSiteCells = 2, kByteCells = 16;

static uint64_t roundUp(uint64_t value, uint64_t to) { return (value + to - 1) / to * to; }

template <class T> static bool reserve(T *&memory, uint64_t bytes) {
  void *made = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (made == MAP_FAILED)
    return false;
  madvise(made, bytes, MADV_DONTDUMP);
  memory = static_cast<T *>(made);
  return true;
}

GlobalMemory::GlobalMemory(bool checks) {
  for (uint64_t wanted = 64ull << 30; wanted >= 1ull << 30; wanted /= 4)
    if (map(wanted, checks))
      return;
}

GlobalMemory::~GlobalMemory() { unmap(); }

bool GlobalMemory::map(uint64_t wanted, bool checks) {
  capacity = wanted;
  top = kPage;
  bool isMapped = reserve(base, wanted);
  if (isMapped && checks)
    isMapped = reserve(states, wanted) && reserve(wordCells, wanted * kWordCells) &&
               reserve(siteCells, wanted * kSiteCells) &&
               reserve(byteCells, wanted * kByteCells);
  if (!isMapped)
    unmap();
  return isMapped;
}

void GlobalMemory::unmap() {
  auto drop = [](auto *&memory, uint64_t bytes) {
    if (memory)
      munmap(static_cast<void *>(memory), bytes);
    memory = nullptr;
  };
  drop(base, capacity);
  drop(states, capacity);
  drop(wordCells, capacity * kWordCells);
  drop(siteCells, capacity * kSiteCells);
  drop(byteCells, capacity * kByteCells);
  capacity = 0;
}

/// Where a range of that size goes, 0 without room.
uint64_t GlobalMemory::place(uint64_t reserved) {
  for (auto hole = holes.begin(); hole != holes.end(); ++hole) {
    auto [begin, bytes] = *hole;
    if (bytes < reserved)
      continue;
    holes.erase(hole);
    if (bytes > reserved)
      holes.emplace(begin + reserved, bytes - reserved);
    return begin;
  }
  if (reserved > capacity - top)
    return 0;
  top += reserved;
  return top - reserved;
}

void *GlobalMemory::allocate(uint64_t bytes, bool isDefined) {
  std::lock_guard<std::mutex> guard(lock);
  if (bytes > capacity)
    return nullptr;
  // Far enough apart that an index that is off by a row still lands between.
  uint64_t zone =
      states ? roundUp(std::clamp<uint64_t>(bytes / 4, kGranule, 256 << 10), kGranule) : 0;
  uint64_t reserved = roundUp(std::max<uint64_t>(bytes, 1), kGranule) + zone;
  uint64_t begin = place(reserved);
  while (!begin && !quarantine.empty()) {
    recycle(quarantine.front());
    begin = place(reserved);
  }
  if (!begin)
    return nullptr;
  ranges[begin] = {begin, bytes, reserved, false};
  if (states)
    std::memset(states + begin, isDefined ? Defined : Undefined, bytes);
  return base + begin;
}

bool GlobalMemory::release(void *memory) {
  std::lock_guard<std::mutex> guard(lock);
  auto range = ranges.find(offset(memory));
  if (range == ranges.end() || range->second.isFreed)
    return false;
  Range &freed = range->second;
  freed.isFreed = true;
  quarantine.push_back(freed.begin);
  quarantined += freed.reserved;
  if (states)
    std::memset(states + freed.begin, Freed, freed.bytes);
  uint64_t firstPage = roundUp(freed.begin, kPage);
  uint64_t endPage = (freed.begin + freed.bytes) / kPage * kPage;
  if (endPage > firstPage + 16 * kPage)
    madvise(base + firstPage, endPage - firstPage, MADV_DONTNEED);
  while (!quarantine.empty() &&
         (!states || quarantined > kQuarantined || quarantine.size() > kQuarantinedRanges))
    recycle(quarantine.front());
  return true;
}

/// The oldest freed range becomes a hole again.
void GlobalMemory::recycle(uint64_t begin) {
  auto range = ranges.find(begin);
  uint64_t bytes = range->second.reserved;
  if (states)
    std::memset(states + begin, Gap, range->second.bytes);
  ranges.erase(range);
  quarantine.pop_front();
  quarantined -= bytes;
  auto next = holes.lower_bound(begin);
  if (next != holes.end() && next->first == begin + bytes) {
    bytes += next->second;
    next = holes.erase(next);
  }
  if (next != holes.begin() && std::prev(next)->first + std::prev(next)->second == begin)
    std::prev(next)->second += bytes;
  else
    holes.emplace(begin, bytes);
}

/// The range in or after which the address lies.
GlobalMemory::Ranges::iterator GlobalMemory::find(const void *address) {
  auto after = ranges.upper_bound(offset(address));
  return after == ranges.begin() ? ranges.end() : std::prev(after);
}

bool GlobalMemory::check(const void *address, uint64_t bytes, const char *what,
                         std::string &error) {
  if (!contains(address))
    return true;
  auto range = find(address);
  if (range != ranges.end() && !range->second.isFreed) {
    const Range &r = range->second;
    uint64_t at = offset(address) - r.begin;
    if (bytes <= r.bytes && at <= r.bytes - bytes)
      return true;
  }
  error = std::string(what) + " of " + std::to_string(bytes) +
          " bytes does not lie within one device allocation";
  return false;
}

bool GlobalMemory::copy(void *to, const void *from, uint64_t bytes, std::string &error) {
  std::lock_guard<std::mutex> guard(lock);
  if (!check(to, bytes, "the target of a copy", error) ||
      !check(from, bytes, "the source of a copy", error))
    return false;
  std::memmove(to, from, bytes);
  if (!states || !contains(to))
    return true;
  if (contains(from))
    std::memmove(state(offset(to)), state(offset(from)), bytes);
  else
    std::memset(state(offset(to)), Defined, bytes);
  return true;
}

bool GlobalMemory::set(void *memory, uint32_t value, uint32_t width, uint64_t count,
                       std::string &error) {
  std::lock_guard<std::mutex> guard(lock);
  if (!check(memory, width * count, "memory to set", error))
    return false;
  char *to = static_cast<char *>(memory);
  for (uint64_t i = 0; i < count; ++i)
    std::memcpy(to + i * width, &value, width);
  if (states && contains(memory))
    std::memset(state(offset(memory)), Defined, width * count);
  return true;
}

std::string GlobalMemory::describe(const void *address) {
  std::lock_guard<std::mutex> guard(lock);
  auto range = contains(address) ? find(address) : ranges.end();
  if (range == ranges.end())
    return formatHex(reinterpret_cast<uint64_t>(address)) + " (no allocation)";
  const Range &r = range->second;
  return "global+" + formatHex(offset(address) - r.begin) + (r.isFreed ? " (freed" : " (") +
         (r.isFreed ? " allocation of " : "allocation of ") + std::to_string(r.bytes) +
         " bytes)";
}

void GlobalMemory::defineAll() {
  std::lock_guard<std::mutex> guard(lock);
  for (const auto &[begin, range] : ranges)
    if (states && !range.isFreed)
      std::memset(states + begin, Defined, range.bytes);
}

void GlobalMemory::forgetAccesses() {
  if (!states)
    return;
  madvise(wordCells, top * kWordCells, MADV_DONTNEED);
  madvise(byteCells, top * kByteCells, MADV_DONTNEED);
}
