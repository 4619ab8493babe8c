//===- Instruction.h - How an instruction is modelled -----------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// The one place where an instruction is added to the emulator: a file in
// lib/Runtime/Emulator/Instructions defines a table of these. No LLVM in here.
//===----------------------------------------------------------------------===//

#ifndef POSENC_RUNTIME_EMULATOR_INSTRUCTION_H
#define POSENC_RUNTIME_EMULATOR_INSTRUCTION_H

#include "posenc/Runtime/Emulator/EmulatedCode.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace posenc::emulator {

/// Who executes an instruction together.
enum class Scope {
  Thread, ///< each thread alone
  Warp, ///< the lanes of a warp or wave: `run` happens once, when all that take part are there
};

/// What became of it.
enum class Outcome {
  Done,
  Wait, ///< not yet: `run` is called again after other threads made progress
};

/// A barrier that warps of a block reach, and what their predicates add up to.
struct BlockBarrier {
  unsigned id = 0;
  unsigned threads = 0;    ///< that take part, whole warps; 0: all of the block
  bool arriveOnly = false; ///< does not wait for the others
  bool anySite = false;    ///< warps may reach it at different ops
  unsigned votes = 0;      ///< lanes of this warp whose predicate holds
  unsigned totalVotes = 0; ///< result: of all that took part
  unsigned totalThreads = 0;
};

/// The threads that execute an instruction, and their operands. A Thread-scope
/// instruction sees itself as lane 0 of 1. A model may hold no memory of its own
/// across a call of Group: a failing launch leaves its stack for good.
class Group {
public:
  virtual ~Group() = default;

  virtual const posenc_emu_site &site() const = 0;
  /// Attribute of the op in MLIR's syntax, or empty. Enumerations and units are
  /// there as they print.
  virtual std::string_view attribute(std::string_view name) const = 0;

  unsigned size() const { return lanes; }
  /// Place of `lane` in its warp, also when a thread executes alone.
  unsigned laneId(unsigned lane) const { return firstLane + lane; }
  /// What the code was compiled for: gfx942, sm_90a …
  std::string_view chip() const { return chipName; }
  bool present(unsigned lane) const { return mask >> lane & 1; }

  /// Scalar `element` of operand `operand`; f16 and bf16 as uint16_t.
  template <class T> T get(unsigned lane, unsigned operand, unsigned element = 0) const {
    T value;
    std::memcpy(&value, operandSlot(lane, operand, element), sizeof(T));
    return value;
  }
  /// How many scalars an operand has.
  virtual unsigned elements(unsigned operand) const = 0;
  /// f32, bf16, i32, ptr …
  virtual std::string_view type(unsigned operand) const = 0;
  /// Scalar `element` of the results taken together.
  template <class T> void set(unsigned lane, unsigned element, T value) {
    uint64_t slot = 0;
    std::memcpy(&slot, &value, sizeof(T));
    *resultSlot(lane, element) = slot;
  }

  /// Undefinedness of operands and results. Unless a model says otherwise
  /// (Instruction::tracksPoison), poison in any operand is reported.
  virtual bool isPoison(unsigned lane, unsigned operand, unsigned element = 0) const = 0;
  virtual void setPoison(unsigned lane, unsigned element) = 0;

  /// Checked access to memory on a lane's behalf (bounds, alignment, initialised,
  /// races, pending copies). False: reported, and nothing was done. The alignment
  /// asked for is the greatest power of two that divides `bytes`, at most 16; a model
  /// of an instruction that needs less accesses part by part.
  virtual bool load(unsigned lane, const void *address, void *to, size_t bytes) = 0;
  virtual bool store(unsigned lane, void *address, const void *from, size_t bytes) = 0;
  /// Checks an atomic access, which the model then does itself with the host's atomics.
  /// False: reported, and it must not be done.
  virtual bool atomic(unsigned lane, void *address, size_t bytes) = 0;

  /// A copy that completes later. Until then the target counts as unreadable and the
  /// source as in use.
  virtual void beginCopy(unsigned lane, void *to, const void *from, size_t bytes,
                         size_t zeroFilled = 0) = 0;
  /// Closes the lane's group of copies; waits until at most `pending` groups are open.
  virtual void commitCopies(unsigned lane) = 0;
  virtual void waitCopies(unsigned lane, unsigned pending) = 0;
  /// The lane's earlier copies complete, and `object` is released after them; to
  /// count the arrival is the model's part.
  virtual void arriveAfterCopies(unsigned lane, void *object) = 0;

  /// Order between threads for the race checker: what happened before `release` in
  /// one thread happens before what follows `acquire` in another. `object` is an
  /// address in shared memory (an mbarrier) or any key.
  virtual void release(unsigned lane, const void *object) = 0;
  virtual void acquire(unsigned lane, const void *object) = 0;
  /// All lanes present see each other's earlier accesses.
  virtual void orderLanes() = 0;

  /// The lanes present reach a barrier of the block. Call it again after Wait; Done
  /// orders what all warps did before it.
  virtual Outcome barrier(BlockBarrier &) = 0;
  /// Waits for the barrier on which the warp last arrived with arriveOnly.
  virtual Outcome awaitBarrier(unsigned id) = 0;

  /// State that a model keeps per block and object; zero at first, freed with the block.
  virtual uint64_t *state(const void *object, unsigned words) = 0;

  /// A report at this op: what is wrong, lower case, no full stop.
  virtual void report(unsigned lane, const std::string &what) = 0;

  /// For statistics.
  virtual void count(posenc_emu_class class_, uint64_t operations) = 0;

protected:
  virtual const uint64_t *operandSlot(unsigned lane, unsigned operand,
                                      unsigned element) const = 0;
  virtual uint64_t *resultSlot(unsigned lane, unsigned element) = 0;

  unsigned lanes = 1;
  unsigned firstLane = 0;
  uint64_t mask = 1;
  std::string_view chipName;
};

struct Instruction {
  const char *op;
  Scope scope;
  Outcome (*run)(Group &);
  /// For Warp scope: operand that holds the member mask; -1: all lanes of the warp
  /// must come. A named lane that has exited is missing.
  int maskOperand = -1;
  /// The model handles undefined operands itself. Only such a model may set poison; one
  /// of Thread scope only if an operand may be.
  bool tracksPoison = false;
  /// Why this op with these attributes is not modelled, or null. Asked at compile time.
  const char *(*refuse)(const posenc_emu_site &) = nullptr;
  /// Which chips have this op with these attributes, if `chip` is none of them; else
  /// null. Asked at compile time.
  const char *(*lacks)(const posenc_emu_site &, std::string_view chip) = nullptr;
  /// Lanes that do not come are reported as a divergent barrier.
  bool isBarrier = false;
};

/// The model of an op (or intrinsic) of that name, or null.
const Instruction *findInstruction(std::string_view op);

/// The ops with a model, sorted. An intrinsic that is a ROCDL op under another name has
/// that op's.
std::vector<std::string_view> listInstructions();

} // namespace posenc::emulator

#endif // POSENC_RUNTIME_EMULATOR_INSTRUCTION_H
