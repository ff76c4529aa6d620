/** Groups up to this size are sorted in place, without an array of their own. */
const SMALL = 32;

/** Places are below this. */
const PLACES = 2 ** 20;

/**
 * Places of the values from the least to the largest, into the beginning of `order`; of equals the first comes first. For at most
 * 2²⁰ finite values.
 */
export function ascending(values: Float32Array, order: Int32Array): void {
  if (values.length <= SMALL) return inserted(values, order);
  // WHY keys: sorting numbers is native, and 32 bits of value and 20 of place fit into a float64.
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const keys = Float64Array.from(words, (word, at) => rising(word) * PLACES + at).sort();
  keys.forEach((key, i) => (order[i] = key % PLACES));
}

/** The bits of a float32 as a number that rises with it. */
function rising(word: number): number {
  return word < 2 ** 31 ? word + 2 ** 31 : 2 ** 32 - 1 - word;
}

function inserted(values: Float32Array, order: Int32Array): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    let at = i;
    for (; at > 0 && values[order[at - 1]] > value; at--) order[at] = order[at - 1];
    order[at] = i;
  }
}
