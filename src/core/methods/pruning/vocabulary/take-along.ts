/**
 * The entries `kept` along one axis of a dense tensor [d₀, …] of any type of whole bytes, in their order: bytes of
 * the tensor with d_axis = kept.length.
 */
export function takeAlong(
  bytes: Uint8Array,
  dims: readonly number[],
  axis: number,
  kept: ArrayLike<number>,
): Uint8Array {
  const outer = dims.slice(0, axis).reduce((product, d) => product * d, 1);
  const run = bytes.byteLength / (outer * dims[axis]);
  const out = new Uint8Array(outer * kept.length * run);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < kept.length; i++) {
      const from = (o * dims[axis] + kept[i]) * run;
      out.set(bytes.subarray(from, from + run), (o * kept.length + i) * run);
    }
  }
  return out;
}
