/*===- Package.h - Compiled models in one file -----------------------*- C -*-===*\
|*                                                                            *|
|* Part of posenc, under the Apache License v2.0 with LLVM Exceptions.        *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/
/* Loads what `posenc-compile --target=… -o NAME.posenc` wrote and calls its entries.
 * A package is checked as a whole before anything in it runs. Errors are as in
 * Runtime.h: a posenc_status, and posenc_last_error() says why. A package may be used
 * by several threads at once. */

#ifndef POSENC_RUNTIME_PACKAGE_H
#define POSENC_RUNTIME_PACKAGE_H

#include "posenc/Runtime/Export.h"
#include "posenc/Runtime/Runtime.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The type of an element. Bools are bytes that are 0 or 1. */
typedef enum posenc_dtype {
  POSENC_BOOL = 0,
  POSENC_I8,
  POSENC_U8,
  POSENC_I16,
  POSENC_U16,
  POSENC_I32,
  POSENC_U32,
  POSENC_I64,
  POSENC_U64,
  POSENC_F16,
  POSENC_BF16,
  POSENC_F32,
  POSENC_F64
} posenc_dtype;

/** Bytes of an element; 0 if there is no such type. */
POSENC_RUNTIME_EXPORT uint64_t posenc_dtype_bytes(posenc_dtype dtype);
/** "f32", "bf16", "i64", "bool" …; null if there is no such type. */
POSENC_RUNTIME_EXPORT const char *posenc_dtype_name(posenc_dtype dtype);

/* Packages. ----------------------------------------------------------------- */

typedef struct posenc_package posenc_package;

/** Reads the file, checks all of it, then loads its code. */
POSENC_RUNTIME_EXPORT posenc_status posenc_package_load(const char *path,
                                                        posenc_package **package);
/** The same for a file that is in memory. The bytes may be gone afterwards. */
POSENC_RUNTIME_EXPORT posenc_status posenc_package_load_memory(const void *data, uint64_t bytes,
                                                               posenc_package **package);
/** No call of the package may run. Devices that ran it must still be open, or closed
 * for good. Null is fine. */
POSENC_RUNTIME_EXPORT void posenc_package_unload(posenc_package *package);

/** The manifest as it stands in the package: JSON. Valid as long as the package. */
POSENC_RUNTIME_EXPORT const char *posenc_package_manifest(const posenc_package *package);

/* What is in it. Everything is valid as long as the package. -------------------- */

#define POSENC_MAX_RANK 16

/** An argument or a result of an entry. */
typedef struct posenc_package_value {
  const char *name;
  posenc_dtype dtype;
  uint32_t is_tensor;   /**< else a scalar, which is passed as a tensor of rank 0 */
  uint32_t is_signless; /**< the program takes signed and unsigned integers alike */
  uint32_t rank;
  int64_t shape[POSENC_MAX_RANK]; /**< -1: any extent */
  /** Extents of one entry with the same number must be equal; -1: no such tie. */
  int32_t symbol[POSENC_MAX_RANK];
} posenc_package_value;

typedef struct posenc_package_entry {
  const char *name;
  uint32_t argument_count, result_count;
  const posenc_package_value *arguments, *results;
} posenc_package_entry;

typedef struct posenc_package_target {
  const char *name;    /**< "cuda:sm_90a" */
  const char *backend; /**< "cuda": see posenc_device_backend */
  const char *chip;    /**< "sm_90a" */
  const char *format;  /**< of the kernels: ptx, cubin, hsaco, emulated, native */
} posenc_package_target;

POSENC_RUNTIME_EXPORT uint32_t posenc_package_entry_count(const posenc_package *package);
/** Null if there is no such entry. */
POSENC_RUNTIME_EXPORT const posenc_package_entry *
posenc_package_entry_at(const posenc_package *package, uint32_t index);
POSENC_RUNTIME_EXPORT const posenc_package_entry *
posenc_package_find_entry(const posenc_package *package, const char *name);

POSENC_RUNTIME_EXPORT uint32_t posenc_package_target_count(const posenc_package *package);
/** Null if there is no such target. */
POSENC_RUNTIME_EXPORT const posenc_package_target *
posenc_package_target_at(const posenc_package *package, uint32_t index);

/** The target that calls on this device use. An error if the package has none for it:
 * no kernels for the chip, or code for another CPU. */
POSENC_RUNTIME_EXPORT posenc_status posenc_package_select(const posenc_package *package,
                                                          posenc_device *device,
                                                          const posenc_package_target **target);

/* Calls. -------------------------------------------------------------------- */

typedef enum posenc_place { POSENC_ON_HOST = 0, POSENC_ON_DEVICE = 1 } posenc_place;

/** A tensor in row-major order. In C: {.data = x, .dtype = POSENC_F32, .rank = 2,
 * .shape = {2, 40}}. */
typedef struct posenc_tensor {
  void *data;
  posenc_dtype dtype;
  uint32_t rank;
  int64_t shape[POSENC_MAX_RANK];
  /** In elements, one per dimension. Null means row-major, which is all that is
   * accepted: other strides are an error, not a wrong result. */
  const int64_t *strides;
  posenc_place where;
  /** For results that the call allocated: what posenc_tensor_release frees. */
  void *allocation;
} posenc_tensor;

/** Calls an entry; a null name means the only one.
 *
 * Arguments are host or device memory; host memory is copied to the device. A result
 * whose data is null is allocated by the call, where its `where` says, and is to be
 * released with posenc_tensor_release; its type and shape are filled in. A result with
 * data is written there; its type and shape must be what the entry computes. What an
 * argument has not (count, type, rank, extents, ties between extents) is an error that
 * names it, before anything runs.
 *
 * With a stream, the work is in the stream's order and results on the device may not be
 * there yet when the function returns; results on the host always are. On failure every
 * result is as it was, except for the contents of the caller's buffers. */
POSENC_RUNTIME_EXPORT posenc_status
posenc_package_call(const posenc_package *package, posenc_device *device, const char *entry,
                    const posenc_tensor *arguments, uint32_t argument_count,
                    posenc_tensor *results, uint32_t result_count, void *stream);

/** Frees what a call allocated; does nothing for a tensor that is the caller's. */
POSENC_RUNTIME_EXPORT void posenc_tensor_release(posenc_device *device, posenc_tensor *tensor);

#ifdef __cplusplus
}
#endif

#endif /* POSENC_RUNTIME_PACKAGE_H */
