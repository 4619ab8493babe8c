/*===- EmulatedCode.h - What emulated kernels call ---------------*- C -*-===*\
|*                                                                            *|
|* Part of posenc, under the Apache License v2.0 with LLVM Exceptions.        *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/
/* The ABI between kernels that `posenc-emulate` made host code of and
 * libposenc_emulator, which runs them. A kernel reaches the library through its
 * thread alone, so that its code has no undefined symbols. Pointers of every
 * address space are host pointers. */

#ifndef POSENC_RUNTIME_EMULATOR_EMULATEDCODE_H
#define POSENC_RUNTIME_EMULATOR_EMULATEDCODE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** An op of the kernel that the library hears of. */
typedef struct posenc_emu_site {
  const char *op;         /**< nvvm.shfl.sync, llvm.load …; intrinsics by their own name */
  const char *location;   /**< FILE:LINE:COLUMN, or as MLIR prints other locations */
  const char *attributes; /**< name=value;name=value; … in MLIR's attribute syntax */
  /** One letter each, operands then '>' then results: for example "i32x4,bf16x2>f32x4".
   * Scalars have no xN; a struct's fields are listed one after another. Pointers are
   * ptr, but ptr8 to AMD's buffer resources. */
  const char *signature;
  uint32_t alignment; /**< of a load or store, in bytes; else 0 */
  uint32_t kind;      /**< posenc_emu_kind */
} posenc_emu_site;

typedef enum posenc_emu_kind {
  POSENC_EMU_INSTRUCTION = 0,
  POSENC_EMU_LOAD,
  POSENC_EMU_STORE,
  POSENC_EMU_ATOMIC,
  POSENC_EMU_BRANCH,  /**< only for poison */
  POSENC_EMU_ADDRESS, /**< only for poison */
  POSENC_EMU_LOOP     /**< a counted loop of the plan; attributes has loop=NAME */
} posenc_emu_kind;

struct posenc_emu_api;

/** One thread. The library's own state follows what is declared here. */
typedef struct posenc_emu_thread {
  const struct posenc_emu_api *api;
  uint32_t thread_id[3], block_id[3], block_size[3], grid_size[3];
  char *shared;         /**< the block's static shared memory, laid out by the module */
  char *dynamic_shared; /**< and what the launch asked for in addition */
} posenc_emu_thread;

/** Scalars are passed in slots of 8 bytes, one per scalar, the value in the low
 * bytes: a vector<2xf16> takes two, !llvm.struct<(f32, i1)> takes two. */
typedef uint64_t posenc_emu_slot;

typedef struct posenc_emu_api {
  /** Before the access happens. The library does not return from these if the
   * access must not happen. Those for loads and stores are null with neither checks nor
   * statistics; a thread that polls by atomic accesses must let others run also then. */
  void (*load)(posenc_emu_thread *, const void *address, uint64_t bytes, uint32_t site);
  void (*store)(posenc_emu_thread *, void *address, uint64_t bytes, uint32_t site);
  void (*atomic)(posenc_emu_thread *, void *address, uint64_t bytes, uint32_t site);
  /** Private memory that `llvm.alloca` made, uninitialised, and of which not every use
   * is known. What a function's own loads and stores alone use is followed in the
   * code: such accesses are not reported. Behind it lie POSENC_EMU_PRIVATE_GAP bytes
   * that nobody may access. Null with checks off. */
  void (*allocated)(posenc_emu_thread *, void *address, uint64_t bytes, uint32_t site);
  /** A poison or undefined value reached this site; an access beyond private memory
   * counts as a poison address, a division by zero as a poison operand. Null with
   * checks off. */
  void (*poison)(posenc_emu_thread *, uint32_t site);
  /** An instruction with a model. `poison` has one byte per operand scalar, set if
   * it is undefined, and `result_poison` gets one per result scalar. Null: none is, as
   * far as the compiler can tell. */
  void (*call)(posenc_emu_thread *, uint32_t site, const posenc_emu_slot *operands,
               posenc_emu_slot *results, uint8_t *operand_poison, uint8_t *result_poison);
  /** Statistics: `count` scalar operations of a class (posenc_emu_class). Null unless
   * statistics are on. */
  void (*count)(posenc_emu_thread *, uint32_t class_, uint64_t count);
  /** One trip of a loop of the plan. Null unless statistics are on. */
  void (*trip)(posenc_emu_thread *, uint32_t site);
} posenc_emu_api;

#define POSENC_EMU_PRIVATE_GAP 64

typedef enum posenc_emu_class {
  POSENC_EMU_FMA = 0,
  POSENC_EMU_EXP,
  POSENC_EMU_FLOAT,
  POSENC_EMU_INTEGER,
  POSENC_EMU_TENSOR,
  POSENC_EMU_CLASSES
} posenc_emu_class;

/** A buffer of a module in static shared memory. */
typedef struct posenc_emu_shared {
  const char *name;
  uint64_t offset,
      bytes; /**< of posenc_emu_thread::shared; gaps between buffers are never valid */
} posenc_emu_shared;

typedef struct posenc_emu_kernel {
  const char *name;
  const char *location;
  /** `arguments` as for posenc_rt_launch. */
  void (*run)(posenc_emu_thread *, void **arguments);
  uint64_t argument_count;
} posenc_emu_kernel;

/** What the image of format "emulated" points to. */
typedef struct posenc_emu_module {
  uint32_t version; /**< POSENC_EMU_VERSION */
  uint32_t wave;    /**< lanes of a warp or wave */
  const char *chip;
  uint32_t kernel_count, site_count, shared_count, constant_count;
  const posenc_emu_kernel *kernels;
  const posenc_emu_site *sites;
  const posenc_emu_shared *shared;
  uint64_t shared_bytes; /**< of all shared buffers and gaps */
  /** Constants that kernels read: {address, bytes} pairs. */
  const struct posenc_emu_range {
    const void *address;
    uint64_t bytes;
  } *constants;
  uint32_t checks, statistics; /**< compiled with calls for them */
} posenc_emu_module;

#define POSENC_EMU_VERSION 1

#ifdef __cplusplus
}
#endif

#endif /* POSENC_RUNTIME_EMULATOR_EMULATEDCODE_H */
