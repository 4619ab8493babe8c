/* Runs attention from a package, without a compiler:
 *
 *   posenc-compile alibi.mlir --target=cuda:sm_90a,cpu:x86-64-v3 -o alibi.posenc
 *   cc main.c -o main -lposenc_runtime
 *   ./main alibi.posenc cpu
 */
#include <posenc/Runtime/Package.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { BATCH = 2, HEADS = 4, LENGTH = 37, CHANNELS = 32 };

static int fail(const char *what) {
  fprintf(stderr, "%s: %s\n", what, posenc_last_error());
  return 1;
}

static void describe(const posenc_package_value *value) {
  printf("  %s: %s [", value->name, posenc_dtype_name(value->dtype));
  for (uint32_t i = 0; i < value->rank; ++i) {
    if (value->shape[i] >= 0)
      printf("%s%lld", i ? ", " : "", (long long)value->shape[i]);
    else
      printf("%s%s", i ? ", " : "", "?");
  }
  printf("]\n");
}

/* Queries, keys and values: values are all ones, so that every mean of them is 1. */
static float *make_tensor(float first, float step) {
  size_t count = (size_t)BATCH * HEADS * LENGTH * CHANNELS;
  float *data = malloc(count * sizeof(float));
  for (size_t i = 0; data && i < count; ++i)
    data[i] = first + step * (float)(i % 101);
  return data;
}

static int call(posenc_package *package, posenc_device *device) {
  float slopes[HEADS] = {0.25f, 0.0625f, 0.015625f, 0.00390625f};
  posenc_tensor q = {.dtype = POSENC_F32, .rank = 4, .shape = {BATCH, HEADS, LENGTH, CHANNELS}};
  posenc_tensor k = q, v = q, result = {0};
  posenc_tensor s = {.data = slopes, .dtype = POSENC_F32, .rank = 1, .shape = {HEADS}};
  q.data = make_tensor(-1.0f, 0.02f);
  k.data = make_tensor(1.0f, -0.03f);
  v.data = make_tensor(1.0f, 0.0f);
  posenc_tensor arguments[] = {q, k, v, s};
  int code = 1;
  if (!q.data || !k.data || !v.data)
    fprintf(stderr, "out of memory\n");
  else if (posenc_package_call(package, device, "alibi", arguments, 4, &result, 1, NULL))
    code = fail("alibi");
  else {
    const float *data = result.data;
    size_t count = (size_t)BATCH * HEADS * LENGTH * CHANNELS;
    float worst = 0;
    for (size_t i = 0; i < count; ++i)
      worst = fmaxf(worst, fabsf(data[i] - 1.0f));
    printf("%zu elements, the largest distance from 1 is below 1e-5: %s\n", count,
           worst < 1e-5f ? "yes" : "no");
    code = worst < 1e-5f ? 0 : 1;
  }
  posenc_tensor_release(device, &result);
  free(q.data);
  free(k.data);
  free(v.data);
  return code;
}

int main(int argc, char **argv) {
  posenc_package *package = NULL;
  posenc_device *device = NULL;
  const posenc_package_target *target = NULL;
  if (argc != 3) {
    fprintf(stderr, "usage: %s PACKAGE cpu|cuda|hip|emulate:CHIP\n", argv[0]);
    return 2;
  }
  if (posenc_package_load(argv[1], &package))
    return fail("load");
  for (uint32_t i = 0; i < posenc_package_entry_count(package); ++i) {
    const posenc_package_entry *entry = posenc_package_entry_at(package, i);
    printf("@%s takes %u tensors and gives %u\n", entry->name, entry->argument_count,
           entry->result_count);
    for (uint32_t j = 0; j < entry->argument_count; ++j)
      describe(&entry->arguments[j]);
  }
  int code = 1;
  if (posenc_device_open(argv[2], NULL, &device))
    code = fail("open");
  else if (posenc_package_select(package, device, &target))
    code = fail("select");
  else {
    printf("target %s\n", target->name);
    code = call(package, device);
  }
  posenc_device_close(device);
  posenc_package_unload(package);
  return code;
}
