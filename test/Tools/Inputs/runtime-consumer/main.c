/*===- main.c - A C program with posenc's runtime -------------------*- C -*-===*\
|*                                                                            *|
|* Part of posenc, under the Apache License v2.0 with LLVM Exceptions.        *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#include <posenc/Runtime/Runtime.h>

#include <stdio.h>

/* Stands for compiled code. */
static void program(void *argument) {
  void *stream = posenc_rt_stream_create();
  posenc_rt_memset32(argument, 42, 4, stream);
  posenc_rt_stream_synchronize(stream);
}

/* Prints the name of the device that argv[1] names, and what a call left in its memory. */
int main(int argc, char **argv) {
  posenc_device *device;
  void *memory;
  int32_t values[4];
  if (argc != 2 || posenc_device_open(argv[1], NULL, &device) != POSENC_OK) {
    fprintf(stderr, "error: %s\n", posenc_last_error());
    return 1;
  }
  if (posenc_alloc(device, sizeof(values), &memory) != POSENC_OK ||
      posenc_call(device, NULL, program, memory) != POSENC_OK ||
      posenc_copy(device, values, memory, sizeof(values), NULL) != POSENC_OK ||
      posenc_free(device, memory) != POSENC_OK) {
    fprintf(stderr, "error: %s\n", posenc_last_error());
    return 1;
  }
  printf("%s: %d %d\n", posenc_device_name(device), (int)values[0], (int)values[3]);
  posenc_device_close(device);
  return 0;
}
