/** Bytes of the packed panels the `gemm` kernel works in (assembly/gemm.ts). */
export const GEMM_WORK = 4 * (128 * 256 + 256 * 512 + 32);

/** Which part of C the `gemm` kernel computes. */
export const PART = { all: 0, upper: 1, lower: 2 } as const;

/** Steps of k whose products the `gemm` kernel sums before it adds them to C; at most so many. */
export const GEMM_RUN = 256;
