/*===- CompiledCode.h - What compiled host code calls ------------*- C -*-===*\
|*                                                                            *|
|* Part of posenc, under the Apache License v2.0 with LLVM Exceptions.        *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/
/* The ABI between the host side of a compiled program and libposenc_runtime.
 * `posenc-host-to-runtime` emits these calls. None of them reports an error by
 * its result: a failure ends the call that runs (posenc_call in Runtime.h), which
 * frees what the call allocated and returns the driver's own message. */

#ifndef POSENC_RUNTIME_COMPILEDCODE_H
#define POSENC_RUNTIME_COMPILEDCODE_H

#include "posenc/Runtime/Export.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Kernels for one chip. */
typedef struct posenc_rt_image {
  const char *chip;   /**< sm_90a, gfx942 … */
  const char *format; /**< ptx, cubin, hsaco or emulated */
  const void *data;   /**< for emulated: a posenc_emu_module */
  uint64_t size;      /**< in bytes */
} posenc_rt_image;

/** All images of a gpu.module NAME; the symbol is posenc_images_NAME. */
typedef struct posenc_rt_images {
  uint64_t count;
  const posenc_rt_image *images;
} posenc_rt_images;

/** A gpu.module of the program; the symbol is posenc_module_NAME. */
typedef struct posenc_rt_module {
  const char *name;
  const posenc_rt_images *images;
  void *cache; /**< the runtime's, null at first */
} posenc_rt_module;

POSENC_RUNTIME_EXPORT void *posenc_rt_stream_create(void);
POSENC_RUNTIME_EXPORT void posenc_rt_stream_synchronize(void *stream);
POSENC_RUNTIME_EXPORT void posenc_rt_stream_destroy(void *stream);
POSENC_RUNTIME_EXPORT void posenc_rt_stream_wait_event(void *stream, void *event);
POSENC_RUNTIME_EXPORT void *posenc_rt_event_create(void);
POSENC_RUNTIME_EXPORT void posenc_rt_event_record(void *event, void *stream);
POSENC_RUNTIME_EXPORT void posenc_rt_event_synchronize(void *event);
POSENC_RUNTIME_EXPORT void posenc_rt_event_destroy(void *event);

/** Device memory; `host_shared` asks for memory that the host can read. */
POSENC_RUNTIME_EXPORT void *posenc_rt_mem_alloc(uint64_t bytes, void *stream,
                                                uint8_t host_shared);
POSENC_RUNTIME_EXPORT void posenc_rt_mem_free(void *memory, void *stream);
/** Either side may be host or device memory. */
POSENC_RUNTIME_EXPORT void posenc_rt_memcpy(void *to, const void *from, uint64_t bytes,
                                            void *stream);
POSENC_RUNTIME_EXPORT void posenc_rt_memset16(void *memory, uint16_t value, uint64_t count,
                                              void *stream);
POSENC_RUNTIME_EXPORT void posenc_rt_memset32(void *memory, uint32_t value, uint64_t count,
                                              void *stream);

/** `arguments` points to one pointer per kernel parameter, as CUDA's and HIP's
 * drivers want it. `shared_bytes` is dynamic shared memory. */
POSENC_RUNTIME_EXPORT void posenc_rt_launch(posenc_rt_module *module, const char *kernel,
                                            uint64_t grid_x, uint64_t grid_y, uint64_t grid_z,
                                            uint64_t block_x, uint64_t block_y,
                                            uint64_t block_z, uint32_t shared_bytes,
                                            void *stream, void **arguments,
                                            uint64_t argument_count);

/** Forgets what devices have loaded for the module, before its memory goes away (the
 * program is unloaded). No call may use it meanwhile. */
POSENC_RUNTIME_EXPORT void posenc_rt_module_forget(posenc_rt_module *module);

/** The device's copy of a constant of the program, which the code neither writes nor
 * frees: made when it is first asked for, and kept as long as the module is loaded. */
POSENC_RUNTIME_EXPORT void *posenc_rt_constant(posenc_rt_module *module, const void *data,
                                               uint64_t bytes);

/** Host memory of the program: freed if the call fails. What malloc gives, so that
 * the caller of the program may free results with free. */
POSENC_RUNTIME_EXPORT void *posenc_rt_malloc(uint64_t bytes);
POSENC_RUNTIME_EXPORT void *posenc_rt_aligned_alloc(uint64_t alignment, uint64_t bytes);
POSENC_RUNTIME_EXPORT void posenc_rt_free(void *memory);

/** Copies between two strided host buffers of one shape. The pointers are MLIR's unranked
 * memrefs: {int64_t rank, void *descriptor}. */
POSENC_RUNTIME_EXPORT void posenc_rt_memref_copy(int64_t element_bytes, const void *from,
                                                 const void *to);

/** An assertion of the program did not hold. Does not return. */
POSENC_RUNTIME_EXPORT void posenc_rt_assert_failed(const char *message);

/** Runs body(context, begin, end) over parts of [0, count) on the pool's threads. */
POSENC_RUNTIME_EXPORT void posenc_rt_parallel_for(void (*body)(void *context, int64_t begin,
                                                               int64_t end),
                                                  void *context, int64_t count, int64_t grain);

#ifdef __cplusplus
}
#endif

#endif /* POSENC_RUNTIME_COMPILEDCODE_H */
