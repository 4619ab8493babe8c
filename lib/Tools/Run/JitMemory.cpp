//===- JitMemory.cpp - Where compiled code lives --------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "JitMemory.h"

#include "llvm/Support/MathExtras.h"
#include "llvm/Support/Memory.h"
#include "llvm/Support/Process.h"

#include <sys/mman.h>

using namespace mlir::posenc;

/// Within reach of a signed 32-bit displacement. Pages count when they are touched.
static constexpr size_t kReserved = size_t(2000) << 20;

JitMemory::JitMemory() {
  void *memory =
      mmap(nullptr, kReserved, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory != MAP_FAILED)
    reservation = llvm::sys::MemoryBlock(memory, kReserved);
}

JitMemory::~JitMemory() {
  if (reservation.base())
    munmap(reservation.base(), reservation.allocatedSize());
}

llvm::sys::MemoryBlock
JitMemory::allocateMappedMemory(llvm::SectionMemoryManager::AllocationPurpose, size_t bytes,
                                const llvm::sys::MemoryBlock *, unsigned flags,
                                std::error_code &error) {
  size_t size = llvm::alignTo(bytes, llvm::sys::Process::getPageSizeEstimate());
  if (size < bytes || size > reservation.allocatedSize() - used) {
    error = std::make_error_code(std::errc::not_enough_memory);
    return {};
  }
  llvm::sys::MemoryBlock block(static_cast<char *>(reservation.base()) + used, size);
  used += size;
  error = protectMappedMemory(block, flags);
  return error ? llvm::sys::MemoryBlock() : block;
}

std::error_code JitMemory::protectMappedMemory(const llvm::sys::MemoryBlock &block,
                                               unsigned flags) {
  return llvm::sys::Memory::protectMappedMemory(block, flags);
}
