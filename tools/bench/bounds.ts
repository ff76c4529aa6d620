/** What bounds each measurement, where that is known; the first pattern that fits. */
const BOUNDS: readonly (readonly [RegExp, string])[] = [
  [
    /^open|read the bytes/,
    'the read itself; finding the tensors takes the time of the line without them',
  ],
  [/^save|write the bytes/, 'the write itself, in more and smaller pieces'],
  [/^GEMM|^Hessian|^GPTQ/, 'f32x4 multiply and add are two instructions without relaxed SIMD'],
  [/^RTN 8-bit per row/, 'two passes over the row: its range comes before its codes'],
  [/^RTN/, 'arithmetic of rounding, not memory'],
  [/^(magnitude|Wanda)/, 'counting passes over all magnitudes'],
  [
    /^evaluation, speed with/,
    'scores over the vocabulary are compared on one thread; small operators wait for all threads',
  ],
  [
    /^whole-model GPTQ/,
    'between the products: rounding, decoding, transposing, hashing and writing on one thread',
  ],
  [
    /^evaluation/,
    'log-softmax over the vocabulary beside the products of the graph, on one thread',
  ],
  [/^session creation/, 'not profiled: the weights themselves go over uncopied'],
  [/^peak memory/, "onnxruntime's own copies while it loads, and its binary"],
  [
    /^training, native/,
    'matrix products, two thirds of the step; then AdamW and the loss over the vocabulary: one pass over memory per operation',
  ],
  [/^training, WebAssembly/, 'rate of matrix products, then passes over the logits and over θ'],
  [/^LoRA/, 'frozen layers still carry their input gradients: two thirds of the products'],
  [/^preview/, 'arithmetic of one thread, then other work on its core'],
  [/main-thread|^frame gap/, 'all cores compute, so the page waits for one of them'],
  [/^the same in processor time/, 'the React update that shows the result when the run ends'],
  [/^time to interactive/, 'loading and starting React, and the first render'],
];

export function boundOf(what: string): string {
  return BOUNDS.find(([pattern]) => pattern.test(what))?.[1] ?? '';
}
