//===- AMDBuffers.cpp - Loads, stores, atomics through buffer resources ---===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// A pointer to a resource (address space 8) has 128 bits on the chip and those of a host
// pointer here: it points to a description that the block keeps. The ops without `ptr`
// in their name take the four words themselves.
//
// A load or store is checked dword by dword against the resource: out of range reads
// give 0, writes do nothing, atomics do nothing and give 0. What is in range is checked
// like any other access. Chips differ in whether soffset counts for the range, so that an
// access is reported if it matters.
//===----------------------------------------------------------------------===//

#include "AMDBuffers.h"

#include "AMDChips.h"
#include "AMDTables.h"
#include "Floats.h"
#include "Masks.h"
#include "Operands.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>

using namespace posenc::emulator;

namespace {
/// What Group::state keeps of a resource.
struct Description {
  uint64_t used, base, records, strideAndFlags;
};
} // namespace

static constexpr unsigned kDword = 4;
static constexpr unsigned kDescriptionWords = sizeof(Description) / sizeof(uint64_t);

static Outcome makeResource(Group &group) {
  uint64_t stride = group.get<uint16_t>(0, 1), flags = group.get<uint32_t>(0, 3);
  Description wanted = {1, group.get<uint64_t>(0, 0), group.get<uint64_t>(0, 2),
                        stride << 32 | flags};
  if (stride != 0) {
    group.report(0, "expected a buffer resource without a stride but got a stride of " +
                        std::to_string(stride));
    return Outcome::Done;
  }
  uint64_t key = wanted.base * 0x9E3779B97F4A7C15u ^ wanted.records * 0xC2B2AE3D27D4EB4Fu ^
                 wanted.strideAndFlags;
  for (;; ++key) {
    // No object has such an address.
    auto *object = reinterpret_cast<const void *>(key | uint64_t(1) << 63);
    uint64_t *words = group.state(object, kDescriptionWords);
    Description known;
    std::memcpy(&known, words, sizeof(known));
    if (!known.used)
      std::memcpy(words, &wanted, sizeof(wanted));
    else if (std::memcmp(&known, &wanted, sizeof(known)) != 0)
      continue;
    group.set(0, 0, words);
    return Outcome::Done;
  }
}

/// The words of a resource, as an operand.
static BufferResource readWords(const Group &group, unsigned lane, unsigned operand) {
  uint64_t low = group.get<uint32_t>(lane, operand, 0);
  uint64_t high = group.get<uint32_t>(lane, operand, 1) & 0xFFFF;
  return {reinterpret_cast<char *>(low | high << 32), group.get<uint32_t>(lane, operand, 2)};
}

static bool readResource(Group &group, unsigned lane, unsigned operand,
                         BufferResource &resource) {
  if (group.elements(operand) == 4) {
    unsigned stride = group.get<uint32_t>(lane, operand, 1) >> 16 & 0x3FFF;
    resource = readWords(group, lane, operand);
    if (stride != 0)
      group.report(lane, "expected a buffer resource without a stride but got a stride of " +
                             std::to_string(stride));
    return stride == 0;
  }
  auto *words = group.get<const uint64_t *>(lane, operand);
  if (!words) {
    group.report(lane, "expected a buffer resource but got a null pointer");
    return false;
  }
  Description description;
  std::memcpy(&description, words, sizeof(description));
  resource = {reinterpret_cast<char *>(description.base), description.records};
  return true;
}

bool posenc::emulator::readBufferAccess(Group &group, unsigned lane, unsigned resource,
                                        unsigned offsets, int64_t immediateOffset, int64_t aux,
                                        BufferAccess &access) {
  if (!readResource(group, lane, resource, access.resource))
    return false;
  bool swizzled = aux & (chipSet(group.chip()) & kGfx12 ? 1 << 6 : 1 << 3);
  if (swizzled) {
    group.report(lane, "swizzled buffer accesses are not modelled");
    return false;
  }
  uint64_t own = uint64_t(group.get<uint32_t>(lane, offsets)) + uint64_t(immediateOffset);
  access.offset = own + group.get<uint32_t>(lane, offsets + 1);
  if (access.resource.contains(own) == access.contains())
    return true;
  group.report(lane, "soffset takes a buffer access out of the resource's range, which not "
                     "all chips notice: offset " +
                         std::to_string(own) + ", with soffset " +
                         std::to_string(access.offset) + ", of " +
                         std::to_string(access.resource.records) + " bytes");
  return false;
}

static bool checkAligned(Group &group, unsigned lane, const BufferAccess &access,
                         uint64_t bytes) {
  uint64_t alignment = std::min<uint64_t>(bytes & -bytes, kDword);
  if (reinterpret_cast<uint64_t>(access.address()) % alignment == 0)
    return true;
  group.report(lane, "misaligned access: expected a buffer access at a multiple of " +
                         std::to_string(alignment) + " bytes");
  return false;
}

/// The largest aligned piece of at most `bytes` at an address: the emulator wants pieces
/// at multiples of their size, the chip only dwords.
static uint64_t pieceAt(const char *address, uint64_t bytes) {
  uint64_t piece = 16;
  while (piece > bytes || reinterpret_cast<uint64_t>(address) % piece != 0)
    piece /= 2;
  return piece;
}

/// Calls body(first byte, bytes) for pieces of the dwords in range.
template <class Body>
static void forEachPiece(const BufferAccess &access, uint64_t bytes, Body body) {
  for (uint64_t begin = 0; begin < bytes;) {
    uint64_t end = begin;
    while (end < bytes && access.contains(end))
      end += kDword;
    end = std::min(end, bytes);
    for (uint64_t piece; begin < end; begin += piece) {
      piece = pieceAt(access.address(begin), end - begin);
      body(begin, piece);
    }
    begin = end + kDword; // The dword out of range.
  }
}

static Outcome loadBuffer(Group &group) {
  uint64_t width = bytesOf(resultType(group.site(), 0)), count = resultCount(group.site());
  char data[128] = {};
  BufferAccess access;
  if (!readBufferAccess(group, 0, 0, 1, 0, group.get<int32_t>(0, 3), access))
    return Outcome::Done;
  if (access.contains() && !checkAligned(group, 0, access, width * count))
    return Outcome::Done;
  forEachPiece(access, width * count, [&](uint64_t begin, uint64_t bytes) {
    group.load(0, access.address(begin), data + begin, bytes);
  });
  for (uint64_t e = 0; e < count; ++e) {
    uint64_t slot = 0;
    std::memcpy(&slot, data + e * width, width);
    group.set(0, unsigned(e), slot);
  }
  return Outcome::Done;
}

static Outcome storeBuffer(Group &group) {
  uint64_t width = bytesOf(group.type(0)), count = group.elements(0);
  char data[128];
  for (uint64_t e = 0; e < count; ++e) {
    uint64_t slot = group.get<uint64_t>(0, 0, unsigned(e));
    std::memcpy(data + e * width, &slot, width);
  }
  BufferAccess access;
  if (!readBufferAccess(group, 0, 1, 2, 0, group.get<int32_t>(0, 4), access))
    return Outcome::Done;
  if (access.contains() && !checkAligned(group, 0, access, width * count))
    return Outcome::Done;
  forEachPiece(access, width * count, [&](uint64_t begin, uint64_t bytes) {
    group.store(0, access.address(begin), data + begin, bytes);
  });
  return Outcome::Done;
}

//===----------------------------------------------------------------------===//
// Atomics
//===----------------------------------------------------------------------===//

/// Replaces a word by update(word) at once; the old one.
template <class Word, class Update> static Word exchange(char *address, Update update) {
  auto *word = reinterpret_cast<Word *>(address);
  Word old = __atomic_load_n(word, __ATOMIC_RELAXED);
  while (!__atomic_compare_exchange_n(word, &old, update(old), false, __ATOMIC_RELAXED,
                                      __ATOMIC_RELAXED)) {
  }
  return old;
}

template <class To, class From> static To cast(From from) {
  static_assert(sizeof(To) == sizeof(From), "a change of type, not of value");
  To to;
  std::memcpy(&to, &from, sizeof(to));
  return to;
}

/// The access of an atomic whose resource is operand `resource`, if it is to happen.
static bool readAtomic(Group &group, unsigned resource, uint64_t bytes, BufferAccess &access) {
  return readBufferAccess(group, 0, resource, resource + 1, 0,
                          group.get<int32_t>(0, resource + 3), access) &&
         access.contains() && access.contains(bytes - 1) &&
         checkAligned(group, 0, access, bytes) && group.atomic(0, access.address(), bytes);
}

namespace {
struct Add {
  template <class T> T operator()(T a, T b) const { return a + b; }
};
struct Max {
  template <class T> T operator()(T a, T b) const { return std::fmax(a, b); }
};
} // namespace

/// `combine` on each half of a word.
template <class Combine>
static uint32_t onHalves(uint32_t a, uint32_t b, bool isF16, Combine combine) {
  uint32_t result = 0;
  for (unsigned shift = 0; shift < 32; shift += 16) {
    uint16_t x = uint16_t(a >> shift), y = uint16_t(b >> shift);
    uint16_t half = isF16 ? toF16(combine(fromF16(x), fromF16(y)))
                          : toBF16(combine(fromBF16(x), fromBF16(y)));
    result |= uint32_t(half) << shift;
  }
  return result;
}

template <class Combine> static Outcome floatAtomic(Group &group) {
  std::string_view type = group.type(0);
  uint64_t bytes = bytesOf(type) * group.elements(0);
  BufferAccess access;
  if (!readAtomic(group, 1, bytes, access))
    return Outcome::Done;
  Combine combine;
  if (type == "f64") {
    double value = group.get<double>(0, 0);
    exchange<uint64_t>(access.address(), [&](uint64_t old) {
      return cast<uint64_t>(combine(cast<double>(old), value));
    });
  } else if (type == "f32") {
    float value = group.get<float>(0, 0);
    exchange<uint32_t>(access.address(), [&](uint32_t old) {
      return cast<uint32_t>(combine(cast<float>(old), value));
    });
  } else {
    uint32_t value = group.get<uint16_t>(0, 0, 0) | uint32_t(group.get<uint16_t>(0, 0, 1))
                                                        << 16;
    exchange<uint32_t>(access.address(), [&](uint32_t old) {
      return onHalves(old, value, type == "f16", combine);
    });
  }
  return Outcome::Done;
}

template <class T, bool isMax> static Outcome integerAtomic(Group &group) {
  BufferAccess access;
  if (!readAtomic(group, 1, sizeof(T), access))
    return Outcome::Done;
  T value = group.get<T>(0, 0);
  exchange<T>(access.address(),
              [&](T old) { return isMax ? std::max(old, value) : std::min(old, value); });
  return Outcome::Done;
}

static Outcome compareAndSwap(Group &group) {
  uint64_t bytes = bytesOf(group.type(0));
  BufferAccess access;
  group.set<uint64_t>(0, 0, 0);
  if (!readAtomic(group, 2, bytes, access))
    return Outcome::Done;
  auto swap = [&](auto zero) {
    using Word = decltype(zero);
    Word wanted = group.get<Word>(0, 0), compared = group.get<Word>(0, 1);
    group.set<Word>(0, 0, exchange<Word>(access.address(), [&](Word old) {
                      return old == compared ? wanted : old;
                    }));
  };
  if (bytes == 8)
    swap(uint64_t());
  else
    swap(uint32_t());
  return Outcome::Done;
}

/// The hardware's pointer with bounds (address space 7) is no host pointer.
static const char *refuseResource(const posenc_emu_site &site) {
  return resultType(site, 0) == "ptr8" ? nullptr : "expected a result of !llvm.ptr<8>";
}

static bool isOneOf(std::string_view type, std::initializer_list<std::string_view> types) {
  return std::find(types.begin(), types.end(), type) != types.end();
}

/// The type of the first operand, without its count.
static std::string_view firstType(const posenc_emu_site &site) {
  std::string_view signature = site.signature;
  return signature.substr(0, signature.find_first_of(",>"));
}

static const char *refuseFloat(const posenc_emu_site &site) {
  return isOneOf(firstType(site), {"f32", "f64", "f16x2", "bf16x2"})
             ? nullptr
             : "expected f32, f64, two f16 or two bf16";
}
static const char *refuseInteger(const posenc_emu_site &site) {
  return firstType(site) == "i32" ? nullptr : "expected i32";
}
static const char *refuseSwap(const posenc_emu_site &site) {
  return isOneOf(firstType(site), {"i32", "i64", "f32"}) ? nullptr : "expected i32, i64 or f32";
}
static const char *refuseWide(uint64_t bytes) {
  return bytes == 0 || bytes > 16 ? "expected 1 to 16 bytes" : nullptr;
}
static const char *refuseLoad(const posenc_emu_site &site) {
  return refuseWide(uint64_t(bytesOf(resultType(site, 0))) * resultCount(site));
}
static const char *refuseStore(const posenc_emu_site &site) {
  std::string_view type = firstType(site);
  size_t times = type.find('x');
  int64_t count = times == type.npos ? 1 : integer(type.substr(times + 1), 1);
  return refuseWide(uint64_t(bytesOf(type.substr(0, times))) * uint64_t(count));
}

#define POSENC_BUFFER_OPS(prefix)                                                              \
  {prefix ".load", Scope::Thread, loadBuffer, -1, false, refuseLoad},                          \
      {prefix ".store", Scope::Thread, storeBuffer, -1, false, refuseStore},                   \
      {prefix ".atomic.cmpswap", Scope::Thread, compareAndSwap, -1, false, refuseSwap},        \
      {prefix ".atomic.fadd", Scope::Thread, floatAtomic<Add>, -1, false, refuseFloat},        \
      {prefix ".atomic.fmax", Scope::Thread, floatAtomic<Max>, -1, false, refuseFloat},        \
      {prefix ".atomic.smax", Scope::Thread, integerAtomic<int32_t, true>, -1, false,          \
       refuseInteger},                                                                         \
  {                                                                                            \
    prefix ".atomic.umin", Scope::Thread, integerAtomic<uint32_t, false>, -1, false,           \
        refuseInteger                                                                          \
  }

static const Instruction instructions[] = {
    {"rocdl.make.buffer.rsrc", Scope::Thread, makeResource, -1, false, refuseResource},
    POSENC_BUFFER_OPS("rocdl.raw.ptr.buffer"),
    POSENC_BUFFER_OPS("rocdl.raw.buffer"),
};

Table posenc::emulator::amdBufferInstructions() {
  return {instructions, sizeof(instructions) / sizeof(instructions[0])};
}
