//===- Statistics.cpp - What kernels did, in numbers ------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Statistics.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

using namespace posenc::emulator;

static constexpr uint64_t kBanks = 32, kBankBytes = 4, kWavefrontBytes = kBanks * kBankBytes,
                          kSectorBytes = 32;

void Counters::add(const Counters &other) {
  launches += other.launches;
  blocks += other.blocks;
  threads += other.threads;
  barriers += other.barriers;
  for (unsigned i = 0; i < POSENC_EMU_CLASSES; ++i)
    classes[i] += other.classes[i];
  sharedRead += other.sharedRead;
  sharedWritten += other.sharedWritten;
  globalRead += other.globalRead;
  globalWritten += other.globalWritten;
  sharedRequests += other.sharedRequests;
  wavefronts += other.wavefronts;
  extraWavefronts += other.extraWavefronts;
  globalRequests += other.globalRequests;
  sectors += other.sectors;
  leastSectors += other.leastSectors;
  for (const auto &[op, count] : other.collectives)
    collectives[op] += count;
  for (const auto &[loop, trips] : other.loops)
    loops[loop] += trips;
}

namespace {
/// The accesses of a warp's lanes that belong together, in the order of lanes.
struct Request {
  bool isShared, isWrite;
  uint64_t bytes; ///< of each lane
  std::vector<uint64_t> addresses;
};
} // namespace

/// How many different words the fullest bank has to give to these lanes.
static uint64_t countWavefronts(const uint64_t *addresses, size_t lanes, uint64_t bytes) {
  std::set<uint64_t> words;
  for (size_t i = 0; i < lanes; ++i)
    for (uint64_t at = addresses[i] / kBankBytes; at <= (addresses[i] + bytes - 1) / kBankBytes;
         ++at)
      words.insert(at);
  uint64_t perBank[kBanks] = {}, most = 0;
  for (uint64_t word : words)
    most = std::max(most, ++perBank[word % kBanks]);
  return most;
}

static void countShared(Counters &counters, const Request &request) {
  (request.isWrite ? counters.sharedWritten : counters.sharedRead) +=
      request.bytes * request.addresses.size();
  ++counters.sharedRequests;
  // Wide accesses take turns: as many lanes at a time as fill a wavefront.
  size_t step =
      std::clamp<size_t>(kWavefrontBytes / std::max<uint64_t>(request.bytes, 1), 1, 32);
  for (size_t first = 0; first < request.addresses.size(); first += step) {
    size_t lanes = std::min(step, request.addresses.size() - first);
    uint64_t best = (request.bytes + kWavefrontBytes - 1) / kWavefrontBytes;
    uint64_t taken = countWavefronts(&request.addresses[first], lanes, request.bytes);
    counters.wavefronts += taken;
    counters.extraWavefronts += taken > best ? taken - best : 0;
  }
}

static void countGlobal(Counters &counters, const Request &request) {
  (request.isWrite ? counters.globalWritten : counters.globalRead) +=
      request.bytes * request.addresses.size();
  ++counters.globalRequests;
  std::set<uint64_t> sectors;
  std::set<uint64_t> starts;
  for (uint64_t address : request.addresses) {
    starts.insert(address);
    for (uint64_t at = address / kSectorBytes;
         at <= (address + request.bytes - 1) / kSectorBytes; ++at)
      sectors.insert(at);
  }
  counters.sectors += sectors.size();
  counters.leastSectors += (starts.size() * request.bytes + kSectorBytes - 1) / kSectorBytes;
}

void posenc::emulator::countRequests(Counters &counters,
                                     std::vector<LoggedAccess> *const *lanes, unsigned count) {
  std::vector<Request> requests;
  std::map<std::pair<uint64_t, uint64_t>, size_t> byOccurrence;
  std::unordered_map<uint64_t, uint64_t> occurrences;
  for (unsigned lane = 0; lane < count; ++lane) {
    occurrences.clear();
    for (const LoggedAccess &access : *lanes[lane]) {
      if (access.bytes == 0)
        continue;
      uint64_t key = uint64_t(access.site) << 34 | uint64_t(access.bytes & 0xfffffff) << 2 |
                     access.isShared << 1 | access.isWrite;
      auto [at, isNew] = byOccurrence.try_emplace({key, occurrences[key]++}, requests.size());
      if (isNew)
        requests.push_back({access.isShared, access.isWrite, access.bytes, {}});
      requests[at->second].addresses.push_back(access.address);
    }
    lanes[lane]->clear();
  }
  for (const Request &request : requests)
    request.isShared ? countShared(counters, request) : countGlobal(counters, request);
}

void Statistics::add(const std::string &kernel, const Counters &counters) {
  std::lock_guard<std::mutex> guard(lock);
  kernels[kernel].add(counters);
}

/// {"name": value, …}.
static std::string object(const std::vector<std::pair<std::string, uint64_t>> &members) {
  std::string text;
  for (const auto &[name, value] : members) {
    std::string key;
    for (char c : name)
      key += c == '"' || c == '\\' ? std::string{'\\', c} : std::string{c};
    text += (text.empty() ? "\"" : ", \"") + key + "\": " + std::to_string(value);
  }
  return "{" + text + "}";
}

static std::string object(const std::map<std::string, uint64_t> &members) {
  return object(std::vector<std::pair<std::string, uint64_t>>(members.begin(), members.end()));
}

static std::string describe(const std::string &name, const Counters &c) {
  return "{\"name\": \"" + name + "\", \"launches\": " + std::to_string(c.launches) +
         ", \"blocks\": " + std::to_string(c.blocks) +
         ", \"threads\": " + std::to_string(c.threads) + ", \"instructions\": " +
         object(std::vector<std::pair<std::string, uint64_t>>{
             {"tensor", c.classes[POSENC_EMU_TENSOR]},
             {"exp", c.classes[POSENC_EMU_EXP]},
             {"fma", c.classes[POSENC_EMU_FMA]},
             {"float", c.classes[POSENC_EMU_FLOAT]},
             {"integer", c.classes[POSENC_EMU_INTEGER]}}) +
         ", \"shared\": " +
         object(std::vector<std::pair<std::string, uint64_t>>{
             {"bytes_read", c.sharedRead},
             {"bytes_written", c.sharedWritten},
             {"requests", c.sharedRequests},
             {"wavefronts", c.wavefronts},
             {"extra_wavefronts", c.extraWavefronts}}) +
         ", \"global\": " +
         object(
             std::vector<std::pair<std::string, uint64_t>>{{"bytes_read", c.globalRead},
                                                           {"bytes_written", c.globalWritten},
                                                           {"requests", c.globalRequests},
                                                           {"sectors", c.sectors},
                                                           {"least_sectors", c.leastSectors}}) +
         ", \"barriers\": " + std::to_string(c.barriers) +
         ", \"collectives\": " + object(c.collectives) + ", \"loops\": " + object(c.loops) +
         "}";
}

std::string Statistics::json() {
  std::lock_guard<std::mutex> guard(lock);
  std::string text;
  for (const auto &[name, counters] : kernels)
    text += (text.empty() ? "" : ",\n ") + describe(name, counters);
  return "[" + text + "]";
}
