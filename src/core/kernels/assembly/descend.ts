/**
 * gradient −= Σ_j deltas_j · (row `from` + j of H), j < count, one row after the other, each product and difference
 * rounded to float32. H float [columns, columns], gradient float [columns], deltas float [count].
 */
export function moveGradient(
  gradient: usize, h: usize, columns: i32, deltas: usize, from: i32, count: i32,
): void {
  for (let j = 0; j < count; j++) {
    const by = load<f32>(deltas + (<usize>j << 2));
    if (by == 0) continue;
    const wide = f32x4.splat(by);
    let row = h + ((<usize>(from + j) * <usize>columns) << 2);
    let target = gradient;
    let k = 0;
    for (; k + 4 <= columns; k += 4) {
      v128.store(target, f32x4.sub(v128.load(target), f32x4.mul(wide, v128.load(row))));
      row += 16;
      target += 16;
    }
    for (; k < columns; k++) {
      store<f32>(target, load<f32>(target) - by * load<f32>(row));
      row += 4;
      target += 4;
    }
  }
}
