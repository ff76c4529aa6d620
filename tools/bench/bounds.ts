/** What keeps a goal from holding where it does not; the first pattern that fits. */
const BOUNDS: readonly (readonly [RegExp, string])[] = [
  [/^open|read the bytes/, 'the reading itself: noise of the disk and of other processes'],
  [
    /^save|write the bytes/,
    'the disk: writing is all it does, and repeats of it differ by as much',
  ],
  [/^GEMM/, 'f32x4 multiply and add are two instructions without relaxed SIMD'],
  [/8-bit per row: time/, 'two passes over the row: its range comes before its codes'],
  [/^RTN/, 'arithmetic of rounding, not memory: about 20 instructions for 4 weights'],
  [/^Hessian/, 'f32x4 multiply and add: half the FLOPs of the reference at a third of its rate'],
  [/^GPTQ/, 'the float64 diagonal blocks of the Cholesky factor'],
  [/^(magnitude|Wanda)/, 'histogram passes over all magnitudes'],
  [
    /^evaluation/,
    'log-softmax over the vocabulary beside the products of the graph, on one thread',
  ],
  [
    /^session creation/,
    'one copy of the weights into shards, which saves 1.7× their bytes of heap',
  ],
  [/^peak memory/, "onnxruntime's own copies while it loads, and its binary"],
  [
    /^preview/,
    'arithmetic of one thread: about 9 cycles per weight, a third of them the histogram',
  ],
  [/main-thread|^frame gap/, 'both cores compute, so the page waits for one of them'],
  [/^time to interactive/, 'starting React and the first render; both cores are shared'],
];

export function boundOf(what: string): string {
  return BOUNDS.find(([pattern]) => pattern.test(what))?.[1] ?? '';
}
