/** Float64 numbers appended piece by piece, as one array in the end. */
export class Growing {
  private buffer = new Float64Array(1024);
  private length = 0;

  push(values: ArrayLike<number>): void {
    const needed = this.length + values.length;
    if (needed > this.buffer.length) {
      const wider = new Float64Array(Math.max(needed, 2 * this.buffer.length));
      wider.set(this.buffer.subarray(0, this.length));
      this.buffer = wider;
    }
    this.buffer.set(values, this.length);
    this.length = needed;
  }

  get values(): Float64Array {
    return this.buffer.subarray(0, this.length);
  }
}
