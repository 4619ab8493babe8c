/*===- Backend.h - What a kind of device implements -----------------*- C -*-===*\
|*                                                                            *|
|* Part of posenc, under the Apache License v2.0 with LLVM Exceptions.        *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/
/* libposenc_runtime reaches CUDA, HIP and the emulator through this table alone.
 * All functions may be called from several threads at once for the same device, and
 * none may throw. Streams and events are the backend's own handles; a null stream
 * where the text does not say otherwise is the device's default stream. */

#ifndef POSENC_RUNTIME_BACKEND_H
#define POSENC_RUNTIME_BACKEND_H

#include "posenc/Runtime/Runtime.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Changes with every change of this file that a backend would notice. */
#define POSENC_BACKEND_VERSION 1

typedef struct posenc_backend_device posenc_backend_device;
typedef struct posenc_backend_module posenc_backend_module;
typedef struct posenc_backend_kernel posenc_backend_kernel;

typedef struct posenc_backend_info {
  const char *name; /**< for people; lives as long as the device */
  const char *chip; /**< as posenc_device_chip */
  /** Allocation and release are cheap and in stream order: the runtime does not
   * cache memory on top. */
  uint32_t ordered_memory;
} posenc_backend_info;

typedef struct posenc_backend_launch {
  uint32_t grid[3], block[3]; /**< none of them 0 */
  uint32_t shared_bytes;      /**< dynamic */
  void *stream;
  void **arguments; /**< one pointer per kernel parameter */
  uint64_t argument_count;
} posenc_backend_launch;

/** Every posenc_status but POSENC_OK leaves a text behind for message(). A release
 * (destroy, free, unload) that fails with POSENC_ERROR_NO_DEVICE has not happened; one
 * that fails otherwise has: drivers also report earlier failures there. */
typedef struct posenc_backend {
  uint32_t version; /**< POSENC_BACKEND_VERSION; what follows depends on it */
  const char *name; /**< "cuda", "hip", "emulate" */

  /** What went wrong in the function that failed last on this thread: what was
   * attempted and the driver's own message. Lower case, no full stop. */
  const char *(*message)(void);

  posenc_status (*count)(uint32_t *devices);
  /** `which` follows the colon of the target: a number, a chip, or "". `options` as
   * in posenc_device_open. */
  posenc_status (*open)(const char *which, const char *const *options,
                        posenc_backend_device **device);
  /** Everything made on the device is gone by then. */
  void (*close)(posenc_backend_device *device);
  void (*info)(posenc_backend_device *device, posenc_backend_info *info);
  posenc_status (*synchronize)(posenc_backend_device *device);
  /** May be null, as may its result: see posenc_device_query. */
  const char *(*query)(posenc_backend_device *device, const char *key);

  posenc_status (*stream_create)(posenc_backend_device *device, void **stream);
  posenc_status (*stream_destroy)(posenc_backend_device *device, void *stream);
  posenc_status (*stream_synchronize)(posenc_backend_device *device, void *stream);
  posenc_status (*stream_wait_event)(posenc_backend_device *device, void *stream, void *event);

  posenc_status (*event_create)(posenc_backend_device *device, void **event);
  posenc_status (*event_destroy)(posenc_backend_device *device, void *event);
  posenc_status (*event_record)(posenc_backend_device *device, void *event, void *stream);
  posenc_status (*event_synchronize)(posenc_backend_device *device, void *event);
  posenc_status (*event_elapsed)(posenc_backend_device *device, void *begin, void *end,
                                 float *milliseconds);

  /** `bytes` is never 0. With a null stream the memory can be used everywhere at
   * once. `host_shared`: the host can read and write it too. */
  posenc_status (*mem_alloc)(posenc_backend_device *device, uint64_t bytes, void *stream,
                             int host_shared, void **memory);
  /** With a null stream: waits until nothing uses the memory. */
  posenc_status (*mem_free)(posenc_backend_device *device, void *memory, void *stream);
  /** Between host and device memory, any direction, in stream order. May return
   * before it is done where the host's side stays as it is until then. */
  posenc_status (*copy)(posenc_backend_device *device, void *to, const void *from,
                        uint64_t bytes, void *stream);
  /** `count` elements of `width` bytes (1, 2 or 4) take the low bytes of `value`. */
  posenc_status (*set)(posenc_backend_device *device, void *memory, uint32_t value,
                       uint32_t width, uint64_t count, void *stream);

  /** How well an image runs on the device: 0 not at all, else more is better. Of
   * equally good ones the runtime takes the first. */
  uint32_t (*rank)(posenc_backend_device *device, const posenc_rt_image *image);
  posenc_status (*module_load)(posenc_backend_device *device, const posenc_rt_image *image,
                               posenc_backend_module **module);
  posenc_status (*module_unload)(posenc_backend_device *device, posenc_backend_module *module);
  /** Belongs to the module; asking twice gives the same. */
  posenc_status (*module_kernel)(posenc_backend_device *device, posenc_backend_module *module,
                                 const char *name, posenc_backend_kernel **kernel);
  posenc_status (*launch)(posenc_backend_device *device, posenc_backend_kernel *kernel,
                          const posenc_backend_launch *launch);
} posenc_backend;

/** The symbol by which the runtime finds the table of a backend in a library of its
 * own, libposenc_emulator.so. */
POSENC_RUNTIME_EXPORT const posenc_backend *posenc_emulator_backend(void);

#ifdef __cplusplus
}
#endif

#endif /* POSENC_RUNTIME_BACKEND_H */
