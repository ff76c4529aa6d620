/* A plain C comparison for tools/bench/kernels.ts: 4-bit blocks of 32 with a signed-max scale, and 8 bits
 * per block of 32 with an absmax scale, the loops a native runtime has. Usage: rounding COUNT RUNS;
 * prints the median milliseconds of both. Build: cc -O3 -march=native -o rounding rounding.c -lm */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { BLOCK = 32 };

static void four_bits(const float *w, long blocks, float *scales, uint8_t *packed) {
  for (long b = 0; b < blocks; b++, w += BLOCK, packed += BLOCK / 2) {
    float largest = 0, signed_largest = 0;
    for (int i = 0; i < BLOCK; i++)
      if (fabsf(w[i]) > largest) largest = fabsf(w[i]), signed_largest = w[i];
    const float scale = signed_largest / -8, reciprocal = scale != 0 ? 1 / scale : 0;
    scales[b] = scale;
    for (int i = 0; i < BLOCK / 2; i++) {
      const int low = (int)(w[2 * i] * reciprocal + 8.5f), high = (int)(w[2 * i + 1] * reciprocal + 8.5f);
      packed[i] = (uint8_t)((low > 15 ? 15 : low) | (high > 15 ? 15 : high) << 4);
    }
  }
}

static void eight_bits(const float *w, long blocks, float *scales, int8_t *codes) {
  for (long b = 0; b < blocks; b++, w += BLOCK, codes += BLOCK) {
    float largest = 0;
    for (int i = 0; i < BLOCK; i++) largest = fmaxf(largest, fabsf(w[i]));
    const float scale = largest / 127, reciprocal = scale != 0 ? 1 / scale : 0;
    scales[b] = scale;
    for (int i = 0; i < BLOCK; i++) codes[i] = (int8_t)rintf(w[i] * reciprocal);
  }
}

/* Processor time: see kernels.ts. */
static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return 1e3 * t.tv_sec + 1e-6 * t.tv_nsec;
}

static int ascending(const void *a, const void *b) {
  return (*(const double *)a > *(const double *)b) - (*(const double *)a < *(const double *)b);
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  const long count = atol(argv[1]);
  const int runs = atoi(argv[2]);
  float *w = malloc(count * sizeof *w), *scales = malloc(count / BLOCK * sizeof *scales);
  uint8_t *codes = malloc(count);
  double *four = malloc(runs * sizeof *four), *eight = malloc(runs * sizeof *eight);
  srand(1);
  for (long i = 0; i < count; i++) w[i] = (float)rand() / RAND_MAX - 0.5f;
  for (int r = -1; r < runs; r++) {
    const double t0 = now();
    four_bits(w, count / BLOCK, scales, codes);
    const double t1 = now();
    eight_bits(w, count / BLOCK, scales, (int8_t *)codes);
    if (r >= 0) four[r] = t1 - t0, eight[r] = now() - t1;
  }
  qsort(four, runs, sizeof *four, ascending);
  qsort(eight, runs, sizeof *eight, ascending);
  printf("%f %f %d\n", four[runs / 2], eight[runs / 2], codes[count / 2]);
  return 0;
}
