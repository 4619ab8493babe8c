/* reseal FILE: makes the checksum of a changed package hold again. */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char mark[] = "posenc package\n";

int main(int argc, char **argv) {
  static char bytes[1 << 24];
  FILE *file = argc == 2 ? fopen(argv[1], "r+b") : NULL;
  size_t size = file ? fread(bytes, 1, sizeof(bytes), file) : 0;
  char *seal = size ? memmem(bytes, size, mark, sizeof(mark)) : NULL;
  if (!seal)
    return 1;
  size_t begin = seal - bytes + 24, end = begin + 16;
  XXH3_state_t state;
  XXH3_128bits_reset(&state);
  XXH3_128bits_update(&state, bytes, begin);
  XXH3_128bits_update(&state, bytes + end, size - end);
  XXH128_canonical_t digest;
  XXH128_canonicalFromHash(&digest, XXH3_128bits_digest(&state));
  fseek(file, begin, SEEK_SET);
  return fwrite(&digest, sizeof(digest), 1, file) == 1 && fclose(file) == 0 ? 0 : 1;
}
