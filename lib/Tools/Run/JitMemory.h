//===- JitMemory.h - Where compiled code lives ------------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_TOOLS_RUN_JITMEMORY_H
#define POSENC_LIB_TOOLS_RUN_JITMEMORY_H

#include "llvm/ExecutionEngine/SectionMemoryManager.h"

namespace mlir {
namespace posenc {

/// Sections of a program that lie close together. Code reaches its data by 32-bit
/// displacements; separate mappings may end up further apart than that, for instance
/// on the two sides of the emulator's device memory, and nothing reports it.
class JitMemory final : public llvm::SectionMemoryManager::MemoryMapper {
public:
  JitMemory();
  ~JitMemory() override;
  JitMemory(const JitMemory &) = delete;

  llvm::sys::MemoryBlock
  allocateMappedMemory(llvm::SectionMemoryManager::AllocationPurpose purpose, size_t bytes,
                       const llvm::sys::MemoryBlock *near, unsigned flags,
                       std::error_code &error) override;
  std::error_code protectMappedMemory(const llvm::sys::MemoryBlock &block,
                                      unsigned flags) override;
  /// Memory goes back with the whole reservation.
  std::error_code releaseMappedMemory(llvm::sys::MemoryBlock &) override { return {}; }

private:
  llvm::sys::MemoryBlock reservation;
  size_t used = 0;
};

} // namespace posenc
} // namespace mlir

#endif // POSENC_LIB_TOOLS_RUN_JITMEMORY_H
