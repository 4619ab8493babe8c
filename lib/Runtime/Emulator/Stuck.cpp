//===- Stuck.cpp - Why a block cannot go on ---------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// Nothing is ready and no model that waits has anything new. What can never come is
// looked at first: lanes that others of their warp wait for, then warps that others wait
// for at barriers. The rest is a deadlock: somebody waits for what no one does, or for
// somebody who waits. So is, later, that threads poll for what never comes.
//===----------------------------------------------------------------------===//

#include "Block.h"

#include "posenc/Runtime/Emulator/Instruction.h"

#include <set>
#include <string>
#include <vector>

using namespace posenc::emulator;

/// What the thread does instead of coming, and the site of that.
std::string Block::whereabouts(const Thread &t, uint32_t &site) const {
  site = Reports::kNoSite;
  if (t.exited)
    return name(t) + " has exited";
  site = t.pending.site->index;
  return name(t) + " waits at " + t.pending.site->raw->op;
}

/// What the thread is in, unless it has exited.
static const OpenGroup *groupOf(const Thread &t) {
  for (const OpenGroup &group : t.warp->open)
    if (group.arrived >> t.lane & 1)
      return &group;
  return nullptr;
}

/// Whether the thread would go on if an instruction's own wait came to its end.
static bool waitsAlone(const Thread &t) {
  const OpenGroup *group = groupOf(t);
  return group && group->waits && !group->atBarrier;
}

void Block::reportStuck() {
  isStopped = true;
  if (!reportMissingLanes() && !reportMissingWarps())
    reportDeadlock();
}

/// Groups that not all of their lanes came to.
bool Block::reportMissingLanes() {
  bool found = false;
  for (Warp &warp : warps)
    for (const OpenGroup &group : warp.open) {
      uint64_t missing = group.needed & ~group.arrived;
      while (missing && waitsAlone(threads[warp.first + __builtin_ctzll(missing)]))
        missing &= missing - 1;
      if (!missing)
        continue;
      const Thread &first = threads[warp.first + __builtin_ctzll(group.arrived)];
      const Thread &other = threads[warp.first + __builtin_ctzll(missing)];
      uint32_t site;
      std::string note = whereabouts(other, site);
      if (site == group.site->index)
        note += " with another mask";
      std::string what = group.site->instruction->isBarrier
                             ? "divergent barrier"
                             : std::string("lanes missing from ") + group.site->raw->op;
      report(first, group.site->index, what, {}, /*fatal=*/true, site, note);
      found = true;
    }
  return found;
}

/// Barriers that some warps wait at and others will never reach: those that exited, or,
/// of a barrier of the whole block, those that wait elsewhere.
bool Block::reportMissingWarps() {
  bool found = false;
  for (Warp &warp : warps)
    for (const OpenGroup &group : warp.open) {
      if (!group.waits || !group.atBarrier)
        continue;
      bool isWhole = barriers[group.barrier].threads == 0;
      for (const Warp &other : warps) {
        const Thread &t = threads[other.first + __builtin_ctzll(other.existing)];
        bool isHere = !t.exited && t.pending.site == group.site;
        if (isHere || !(t.exited || isWhole) || waitsAlone(t))
          continue;
        uint32_t site;
        std::string note = whereabouts(t, site);
        report(threads[warp.first], group.site->index, "divergent barrier", {},
               /*fatal=*/true, site, note);
        found = true;
        break;
      }
    }
  return found;
}

/// One report for the block: the first that waits, and what the others wait for.
void Block::reportDeadlock() {
  std::vector<const Thread *> waiting;
  std::set<const Site *> seen;
  for (bool alone : {true, false})
    for (Warp &warp : warps)
      for (const OpenGroup &group : warp.open) {
        const Thread &t = threads[warp.first + __builtin_ctzll(group.arrived)];
        if (waitsAlone(t) == alone && seen.insert(group.site).second)
          waiting.push_back(&t);
      }
  if (waiting.empty())
    return;
  std::string note;
  uint32_t otherSite = Reports::kNoSite;
  for (size_t i = 1; i < waiting.size(); ++i) {
    const Site &site = *waiting[i]->pending.site;
    if (i == 1)
      otherSite = site.index;
    else
      note += "\n" + location(site.index) + ": note: ";
    note += name(*waiting[i]) + " waits at " + site.raw->op;
  }
  const Site &first = *waiting.front()->pending.site;
  report(*waiting.front(), first.index,
         std::string("deadlock: nothing can end the wait at ") + first.raw->op, {},
         /*fatal=*/true, otherSite, note);
}

/// What the thread polls at, or waits at.
uint32_t Block::siteOf(const Thread &t) const {
  bool isReady = t.warp->ready >> t.lane & 1;
  return isReady ? t.watch.loop().site : t.pending.site->index;
}

/// One report for the block: the first thread that polls, and who may have had to end
/// that: one that has exited, or is at another place, or else one that does the same.
void Block::reportPolling() {
  const Thread *first = nullptr, *other = nullptr;
  for (unsigned id = 0; id < launch->threads; ++id)
    if (!first && threads[id].warp->ready >> threads[id].lane & 1)
      first = &threads[id];
  isStopped = true;
  if (!first)
    return reportStuck();
  for (unsigned id = 0; id < launch->threads; ++id)
    if (!other && (threads[id].exited || siteOf(threads[id]) != siteOf(*first)))
      other = &threads[id];
  if (!other && launch->threads > 1)
    other = &threads[first->id == 0];
  const Step &step = first->watch.loop();
  std::string note;
  uint32_t otherSite = Reports::kNoSite;
  if (other && other->exited) {
    note = name(*other) + " has exited";
  } else if (other) {
    otherSite = siteOf(*other);
    note = name(*other) + " waits at " + launch->module->site(otherSite).raw->op;
  }
  report(*first, step.site,
         std::string("deadlock: nothing can end the wait at ") +
             launch->module->site(step.site).raw->op,
         step.address ? describe(step.address) : std::string(), /*fatal=*/true, otherSite,
         note);
}
