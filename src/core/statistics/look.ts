import type { Layer } from '../anatomy/types.ts';
import { takeKey, type Take } from './take.ts';

/**
 * A value of the graph as rows X [rows, columns]: all leading dimensions flattened, or, with
 * `rowsOf`, the rows which that layer's weight multiplies (a Conv's patches, a turned Gemm input), or, with
 * `channels`, one column for each place along those axes (ascending) and one row for each along the others: heads and
 * channels of keys [batch, heads, tokens, channels] by token.
 */
export interface RowsView {
  readonly value: string;
  readonly rowsOf?: Layer;
  readonly channels?: readonly number[];
}

/** What to see of a value while calibration data flows. */
export interface Look extends RowsView {
  readonly take: readonly Take[];
}

/** The rows that a layer's weight multiplies. */
export function inputOf(layer: Layer): RowsView {
  return { value: layer.input, rowsOf: layer };
}

/** The same takes at the input of each layer. Embedding look-ups multiply no rows and are passed over. */
export function looksAtInputs(layers: readonly Layer[], take: readonly Take[]): Look[] {
  return layers.filter(({ op }) => op !== 'Gather').map((layer) => ({ ...inputOf(layer), take }));
}

/**
 * A name for the rows: equal for all MatMuls that read one value, and for the value itself. A Conv
 * or a Gemm may read it in its own way and shares rows with nobody.
 */
export function viewKey({ value, rowsOf, channels }: RowsView): string {
  if (channels !== undefined) return JSON.stringify([value, channels]);
  const own = rowsOf !== undefined && rowsOf.op !== 'MatMul';
  return JSON.stringify(own ? [value, rowsOf.output] : [value]);
}

/** A name for one take of some rows. A weight's gradient is that layer's alone, whoever else reads its rows. */
export function lookKey(view: RowsView, take: Take): string {
  const own = take === 'weight gradient' && view.rowsOf !== undefined;
  const key = own ? JSON.stringify([view.value, view.rowsOf.output]) : viewKey(view);
  return `${key} ${takeKey(take)}`;
}

/** One take of some rows. */
export interface SingleLook {
  readonly view: RowsView;
  readonly take: Take;
  /** {@link lookKey} of both. */
  readonly key: string;
}

/** The takes of all looks one by one, each once. */
export function singleLooks(looks: readonly Look[]): SingleLook[] {
  const found = new Map<string, SingleLook>();
  for (const { take: takes, ...view } of looks) {
    for (const take of takes) {
      const key = lookKey(view, take);
      if (!found.has(key)) found.set(key, { view, take, key });
    }
  }
  return [...found.values()];
}

/** The values that a look reads from one run of the model: its own, and its partner's. */
export function valuesOf({ view, take }: Pick<SingleLook, 'view' | 'take'>): string[] {
  if (typeof take === 'string' || take.other === 'float path') return [view.value];
  return [view.value, take.other.value];
}

/** Whether a take compares with what the model before the step computes. */
export function needsFloatPath(take: Take): boolean {
  return typeof take !== 'string' && take.other === 'float path';
}
