/*===- Runtime.h - Devices, memory and calls of compiled programs ---*- C -*-===*\
|*                                                                            *|
|* Part of posenc, under the Apache License v2.0 with LLVM Exceptions.        *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/
/* The C API of libposenc_runtime. It needs no toolkit: drivers are opened at run
 * time. Every function may be called from any thread; a device may be shared
 * between threads. Whatever returns a posenc_status leaves its outputs alone when
 * it fails, and posenc_last_error() then says why, in the driver's own words where
 * the driver refused. A null pointer where one is needed is such an error; functions that
 * return no status answer 0, null or "" to it. What destroys or frees has done so even when it
 * fails, except with POSENC_ERROR_NO_DEVICE: drivers also report there that an earlier kernel
 * failed. */

#ifndef POSENC_RUNTIME_RUNTIME_H
#define POSENC_RUNTIME_RUNTIME_H

#include "posenc/Runtime/CompiledCode.h"
#include "posenc/Runtime/Export.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum posenc_status {
  POSENC_OK = 0,
  POSENC_ERROR_INVALID = 1,       /**< a bad argument, target or option */
  POSENC_ERROR_NO_DEVICE = 2,     /**< no such driver, device or emulator here */
  POSENC_ERROR_OUT_OF_MEMORY = 3, /**< of the device or of the host */
  POSENC_ERROR_IMAGE = 4,         /**< no kernel for this chip, or it does not load */
  POSENC_ERROR_DRIVER = 5,        /**< the driver refused, or a kernel failed */
  POSENC_ERROR_ASSERTION = 6,     /**< an assertion of the program did not hold */
  POSENC_ERROR_PROGRAM = 7        /**< a report of the emulator about a kernel */
} posenc_status;

/** Why the last call on this thread that returned an error did so. Lower case, no
 * full stop, possibly several lines. Valid until the next call on this thread;
 * never null. */
POSENC_RUNTIME_EXPORT const char *posenc_last_error(void);

/** For example "0.1.0". */
POSENC_RUNTIME_EXPORT const char *posenc_runtime_version(void);

/* Devices. ------------------------------------------------------------------ */

typedef struct posenc_device posenc_device;

/** Opens a device by its target:
 *    cpu              this machine: host memory, everything is synchronous
 *    cuda, cuda:N     the first or N-th NVIDIA device (POSENC_CUDA_LIBRARY names
 *                     another driver library than libcuda.so.1)
 *    hip, hip:N       AMD (POSENC_HIP_LIBRARY instead of libamdhip64.so)
 *    emulate:CHIP     the emulator (POSENC_EMULATOR_LIBRARY instead of
 *                     libposenc_emulator.so beside this library)
 * `options` is null or a list of "key=value" that ends with null. Only the
 * emulator has options: see its documentation. An unknown one is an error. */
POSENC_RUNTIME_EXPORT posenc_status posenc_device_open(const char *target,
                                                       const char *const *options,
                                                       posenc_device **device);

/** Waits for the device and releases what it holds: loaded modules, cached memory,
 * the runtime's streams. Memory, streams, events and modules that the caller made
 * must be gone. Null is fine. */
POSENC_RUNTIME_EXPORT void posenc_device_close(posenc_device *device);

/** How many devices "cuda" or "hip" has; 1 for "cpu". */
POSENC_RUNTIME_EXPORT posenc_status posenc_device_count(const char *backend, uint32_t *count);

/** The name that the driver gives, for people. */
POSENC_RUNTIME_EXPORT const char *posenc_device_name(const posenc_device *device);
/** The best target of a compiler for it: sm_90a, gfx942, or "" for cpu. */
POSENC_RUNTIME_EXPORT const char *posenc_device_chip(const posenc_device *device);
/** "cpu", "cuda", "hip" or "emulate". */
POSENC_RUNTIME_EXPORT const char *posenc_device_backend(const posenc_device *device);

/** Waits until the device has nothing to do. */
POSENC_RUNTIME_EXPORT posenc_status posenc_device_synchronize(posenc_device *device);

/** What a backend has to tell beyond this API, such as the emulator's "statistics"
 * (JSON). Null if it does not know the key. Valid until the next query or the
 * device's end. */
POSENC_RUNTIME_EXPORT const char *posenc_device_query(posenc_device *device, const char *key);

/* Memory. ------------------------------------------------------------------- */

/** Uninitialised device memory that any stream may use at once. 0 bytes are fine. */
POSENC_RUNTIME_EXPORT posenc_status posenc_alloc(posenc_device *device, uint64_t bytes,
                                                 void **memory);
/** Frees device memory, also a buffer that a call handed over. Waits until nothing
 * uses it. Null is fine. */
POSENC_RUNTIME_EXPORT posenc_status posenc_free(posenc_device *device, void *memory);
/** Frees a host buffer that a call handed over (as free does). */
POSENC_RUNTIME_EXPORT void posenc_host_free(void *memory);

/** Copies between host and device memory in any direction. With a stream, in the
 * stream's order and possibly after the function returned; without, it is done. */
POSENC_RUNTIME_EXPORT posenc_status posenc_copy(posenc_device *device, void *to,
                                                const void *from, uint64_t bytes, void *stream);
/** Sets every byte. */
POSENC_RUNTIME_EXPORT posenc_status posenc_memset(posenc_device *device, void *memory,
                                                  uint8_t value, uint64_t bytes, void *stream);

/* Streams and events. ------------------------------------------------------- */
/* They are the driver's own handles (CUstream, hipStream_t, CUevent, hipEvent_t),
 * so that what other libraries made can be passed in. */

POSENC_RUNTIME_EXPORT posenc_status posenc_stream_create(posenc_device *device, void **stream);
POSENC_RUNTIME_EXPORT posenc_status posenc_stream_destroy(posenc_device *device, void *stream);
POSENC_RUNTIME_EXPORT posenc_status posenc_stream_synchronize(posenc_device *device,
                                                              void *stream);
/** Later work of the stream waits for what the event recorded. */
POSENC_RUNTIME_EXPORT posenc_status posenc_stream_wait_event(posenc_device *device,
                                                             void *stream, void *event);

POSENC_RUNTIME_EXPORT posenc_status posenc_event_create(posenc_device *device, void **event);
POSENC_RUNTIME_EXPORT posenc_status posenc_event_destroy(posenc_device *device, void *event);
POSENC_RUNTIME_EXPORT posenc_status posenc_event_record(posenc_device *device, void *event,
                                                        void *stream);
POSENC_RUNTIME_EXPORT posenc_status posenc_event_synchronize(posenc_device *device,
                                                             void *event);
/** Milliseconds on the device between two events that have happened. */
POSENC_RUNTIME_EXPORT posenc_status posenc_event_elapsed(posenc_device *device, void *begin,
                                                         void *end, float *milliseconds);

/* Modules and launches, for kernels without compiled host code. -------------- */

typedef struct posenc_module posenc_module;

/** Loads the image that fits the device best. The images may be gone afterwards,
 * except those of format "emulated". */
POSENC_RUNTIME_EXPORT posenc_status posenc_module_load(posenc_device *device,
                                                       const posenc_rt_images *images,
                                                       posenc_module **module);
/** Waits for the device. Null is fine. */
POSENC_RUNTIME_EXPORT posenc_status posenc_module_unload(posenc_module *module);

/** As posenc_rt_launch. The stream must be one of the module's device. A grid
 * without blocks does nothing. */
POSENC_RUNTIME_EXPORT posenc_status posenc_launch(posenc_module *module, const char *kernel,
                                                  const uint64_t grid[3],
                                                  const uint64_t block[3],
                                                  uint32_t shared_bytes, void *stream,
                                                  void **arguments, uint64_t argument_count);

/* Calls. -------------------------------------------------------------------- */

/** Runs fn(argument), compiled code that calls the functions of CompiledCode.h.
 *
 * With a stream, all device work goes there and may still run when the function
 * returns. Without (null), it runs on a stream of the runtime's and is done when
 * posenc_call returns; an error of a kernel is then an error of this call.
 *
 * On failure the code is left at once (longjmp: `function` must be compiled code
 * or C, without anything to clean up), and the device memory, host memory,
 * events and streams that the call allocated and did not free are released. On
 * success what was not freed belongs to the caller: result buffers, to be freed
 * with posenc_free (device) or posenc_host_free (host).
 *
 * Calls nest, and threads call independently. */
POSENC_RUNTIME_EXPORT posenc_status posenc_call(posenc_device *device, void *stream,
                                                void (*function)(void *argument),
                                                void *argument);

/* Threads of CPU code. ------------------------------------------------------ */

/** How many threads parallel loops use: POSENC_NUM_THREADS, else OMP_NUM_THREADS,
 * else the processors that this process may use. Read when the first parallel loop
 * runs. */
POSENC_RUNTIME_EXPORT uint32_t posenc_thread_count(void);

/** Runs task(context, index) for every index in [0, count), in any order and on any
 * threads, and returns when all are done. */
typedef void (*posenc_parallel_for)(void *user, uint64_t count,
                                    void (*task)(void *context, uint64_t index), void *context);

/** Makes parallel loops run on the host program's own threads, `threads` of them.
 * Null goes back to the runtime's pool. Not while a call runs. */
POSENC_RUNTIME_EXPORT void posenc_set_parallel_for(posenc_parallel_for function, void *user,
                                                   uint32_t threads);

#ifdef __cplusplus
}
#endif

#endif /* POSENC_RUNTIME_RUNTIME_H */
