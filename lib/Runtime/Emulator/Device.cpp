//===- Device.cpp - An emulated device --------------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Device.h"

#include "Api.h"
#include "Block.h"
#include "Grid.h"

#include <algorithm>
#include <cstdio>
#include <mutex>
#include <string>
#include <utility>

using namespace posenc::emulator;

static constexpr unsigned kThreadsOfBlock = 1024;
/// Tags that tell the accesses of one launch from those of others.
static constexpr uint32_t kTags = 255;

Device::Device(std::string chip, Options options)
    : chipName(std::move(chip)), opened(options), global(options.checks),
      workers(options.workers) {}

Device::~Device() = default;

void Device::emit(const std::string &text) const {
  if (onReports)
    onReports(onReportsContext, text);
  else
    std::fputs(text.c_str(), stderr);
}

/// Why the launch is impossible, as a driver would say.
std::string Device::check(const Launch &launch, uint64_t argumentCount) const {
  const posenc_emu_kernel &kernel = *launch.kernel;
  if (argumentCount != kernel.argument_count)
    return "expected " + std::to_string(kernel.argument_count) + " arguments of kernel @" +
           kernel.name + " but got " + std::to_string(argumentCount);
  uint64_t threads = 1;
  for (uint32_t extent : launch.block)
    // Never more than 2^53: a product of three 32-bit numbers may not fit.
    threads *= std::min<uint64_t>(extent, kThreadsOfBlock + 1);
  if (threads > kThreadsOfBlock)
    return "expected at most 1024 threads in a block of kernel @" + std::string(kernel.name);
  // CUDA's limits; HIP's are no smaller.
  const uint64_t mostBlocks[] = {INT32_MAX, 65535, 65535};
  for (int axis = 0; axis < 3; ++axis)
    if (launch.grid[axis] > mostBlocks[axis])
      return "expected at most " + std::to_string(mostBlocks[axis]) + " blocks along " +
             "xyz"[axis] + " of kernel @" + kernel.name + " but got " +
             std::to_string(launch.grid[axis]);
  if (launch.threads == 0)
    return "expected at least one thread in a block of kernel @" + std::string(kernel.name);
  return {};
}

std::string Device::launch(const Module &module, const posenc_emu_kernel &kernel,
                           const uint32_t grid[3], const uint32_t block[3],
                           uint32_t sharedBytes, void **arguments, uint64_t argumentCount,
                           bool *isReported) {
  std::lock_guard<std::mutex> guard(lock);
  Launch launch;
  launch.module = &module;
  launch.kernel = &kernel;
  std::copy(grid, grid + 3, launch.grid);
  std::copy(block, block + 3, launch.block);
  launch.dynamicShared = sharedBytes;
  launch.arguments = arguments;
  launch.options = opened;
  launch.memory = &global;
  if (opened.statistics && module.image().statistics)
    launch.statistics = &collected;
  launch.blocks = uint64_t(grid[0]) * grid[1] * grid[2];
  launch.threads = block[0] * block[1] * block[2];
  std::string error = check(launch, argumentCount);
  if (!error.empty() || launch.blocks == 0)
    return error;
  if (++tag > kTags) {
    global.forgetAccesses();
    tag = 1;
  }
  launch.tag = tag;
  launch.api = apiOf(launch);
  error = runBlocks(launch);
  if (!module.image().checks)
    global.defineAll();
  if (!error.empty() || launch.reports.empty())
    return error;
  emit(launch.reports.print());
  if (isReported)
    *isReported = true;
  // Not what has been printed already.
  return "the emulator found " + std::to_string(launch.reports.count()) +
         (launch.reports.count() == 1 ? " problem" : " problems") + " in kernel @" +
         kernel.name;
}

std::string Device::runBlocks(Launch &launch) {
  unsigned used = unsigned(std::min<uint64_t>(workers.size(), launch.blocks));
  std::string error;
  while (blocks.size() < used)
    blocks.push_back(std::make_unique<Block>());
  for (unsigned i = 0; i < used; ++i)
    if (!blocks[i]->prepare(launch, error))
      return error;
  Grid grid(launch, used);
  workers.run(used, [&](unsigned worker) { grid.work(worker, *blocks[worker]); });
  if (!launch.statistics)
    return {};
  Counters sum = grid.takeCounters();
  sum.launches = 1;
  for (unsigned i = 0; i < used; ++i)
    sum.add(blocks[i]->counted());
  collected.add(launch.kernel->name, sum);
  return {};
}
