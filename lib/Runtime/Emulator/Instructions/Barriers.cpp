//===- Barriers.cpp - Models of barriers of blocks and warps -------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// A warp reaches a barrier as a whole: all of them are the .aligned forms.
//===----------------------------------------------------------------------===//

#include "Tables.h"

#include "posenc/Runtime/Emulator/EmulatedCode.h"
#include "posenc/Runtime/Emulator/Instruction.h"

#include <cstdint>
#include <string>
#include <string_view>

using namespace posenc::emulator;

static unsigned firstLane(const Group &group) {
  for (unsigned lane = 0; lane < group.size(); ++lane)
    if (group.present(lane))
      return lane;
  return 0;
}

/// Value that all lanes must give to operand `operand`; reports others.
static uint32_t uniformOperand(Group &group, unsigned operand, const char *what) {
  unsigned first = firstLane(group);
  uint32_t value = group.get<uint32_t>(first, operand);
  for (unsigned lane = first; lane < group.size(); ++lane)
    if (group.present(lane) && group.get<uint32_t>(lane, operand) != value) {
      group.report(lane, std::string("divergent barrier: expected the same ") + what +
                             " in all lanes but got " +
                             std::to_string(group.get<uint32_t>(lane, operand)) + " and " +
                             std::to_string(value));
      break;
    }
  return value;
}

/// Which optional operands nvvm.barrier has: operandSegmentSizes, one digit each, after
/// the type.
static bool hasSegment(const Group &group, unsigned index) {
  std::string_view sizes = group.attribute("operandSegmentSizes");
  for (char c : sizes.substr(sizes.find(':') + 1)) {
    if (c != '0' && c != '1')
      continue;
    if (index-- == 0)
      return c == '1';
  }
  return false;
}

/// Operands in front of `index` that are there.
static unsigned operandOf(const Group &group, unsigned index) {
  unsigned operand = 0;
  for (unsigned i = 0; i < index; ++i)
    operand += hasSegment(group, i);
  return operand;
}

static Outcome wholeBlock(Group &group) {
  BlockBarrier barrier;
  return group.barrier(barrier);
}

static Outcome wholeBlockAtAnyOp(Group &group) {
  BlockBarrier barrier;
  barrier.anySite = true;
  return group.barrier(barrier);
}

static void setReduction(Group &group, const BlockBarrier &barrier) {
  std::string_view kind = group.attribute("reductionOp");
  uint32_t value = barrier.totalVotes;
  if (kind.find("and") != std::string_view::npos)
    value = barrier.totalVotes == barrier.totalThreads;
  else if (kind.find("or") != std::string_view::npos)
    value = barrier.totalVotes != 0;
  for (unsigned lane = 0; lane < group.size(); ++lane)
    if (group.present(lane))
      group.set<uint32_t>(lane, 0, value);
}

/// nvvm.barrier: optional id, number of threads, predicate to reduce.
static Outcome nvvmBarrier(Group &group) {
  BlockBarrier barrier;
  if (hasSegment(group, 0))
    barrier.id = uniformOperand(group, 0, "barrier id");
  if (hasSegment(group, 1)) {
    barrier.threads = uniformOperand(group, operandOf(group, 1), "number of threads");
    barrier.anySite = true;
  }
  bool reduces = hasSegment(group, 2);
  if (reduces)
    for (unsigned lane = 0; lane < group.size(); ++lane)
      barrier.votes +=
          group.present(lane) && group.get<uint32_t>(lane, operandOf(group, 2)) != 0;
  Outcome outcome = group.barrier(barrier);
  if (outcome == Outcome::Done && reduces)
    setReduction(group, barrier);
  return outcome;
}

/// nvvm.barrier.arrive: the id is optional, the number of threads is not.
static Outcome nvvmBarrierArrive(Group &group) {
  BlockBarrier barrier;
  std::string_view signature = group.site().signature;
  bool hasId = signature.find(',') != std::string_view::npos;
  if (hasId)
    barrier.id = uniformOperand(group, 0, "barrier id");
  barrier.threads = uniformOperand(group, hasId, "number of threads");
  barrier.arriveOnly = barrier.anySite = true;
  return group.barrier(barrier);
}

static Outcome warpSync(Group &group) {
  group.orderLanes();
  return Outcome::Done;
}

static Outcome splitSignal(Group &group) {
  BlockBarrier barrier;
  barrier.arriveOnly = barrier.anySite = true;
  return group.barrier(barrier);
}

static Outcome splitWait(Group &group) { return group.awaitBarrier(0); }

/// Only the barrier of the whole workgroup, whose id is -1.
static const char *refuseNamed(const posenc_emu_site &site) {
  return std::string_view(site.attributes).find("id=-1") != std::string_view::npos
             ? nullptr
             : "only id -1, the barrier of the workgroup, is modelled";
}

static Instruction barrier(const char *op, Outcome (*run)(Group &),
                           const char *(*refuse)(const posenc_emu_site &) = nullptr) {
  Instruction instruction{op, Scope::Warp, run};
  instruction.refuse = refuse;
  instruction.isBarrier = true;
  return instruction;
}

static const Instruction instructions[] = {
    barrier("nvvm.barrier0", wholeBlock),
    barrier("nvvm.barrier", nvvmBarrier),
    barrier("nvvm.barrier.arrive", nvvmBarrierArrive),
    {"nvvm.bar.warp.sync", Scope::Warp, warpSync, 0},
    barrier("rocdl.barrier", wholeBlock),
    barrier("rocdl.s.barrier", wholeBlockAtAnyOp),
    barrier("rocdl.s.barrier.signal", splitSignal, refuseNamed),
    barrier("rocdl.s.barrier.wait", splitWait, refuseNamed),
};

Table posenc::emulator::barrierInstructions() {
  return {instructions, sizeof(instructions) / sizeof(instructions[0])};
}
