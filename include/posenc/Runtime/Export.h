/*===- Export.h - What the runtime's libraries show -----------------*- C -*-===*\
|*                                                                            *|
|* Part of posenc, under the Apache License v2.0 with LLVM Exceptions.        *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#ifndef POSENC_RUNTIME_EXPORT_H
#define POSENC_RUNTIME_EXPORT_H

/** The libraries are compiled with hidden symbols; this makes one visible. */
#define POSENC_RUNTIME_EXPORT __attribute__((visibility("default")))

#endif /* POSENC_RUNTIME_EXPORT_H */
