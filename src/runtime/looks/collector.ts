import { LatheError } from '../../core/errors/lathe-error.ts';
import type { GraphIndex } from '../../core/onnx/graph/index-graph.ts';
import { createPairTake, createTake } from '../../core/statistics/create-take.ts';
import { gradientNotSeen } from '../../core/statistics/gradient/gradient.ts';
import { viewKey, type RowsView, type SingleLook } from '../../core/statistics/look.ts';
import type { Results } from '../../core/statistics/seen.ts';
import type { PairAccumulator, TakeAccumulator } from '../../core/statistics/take-accumulator.ts';
import { isGradientTake, type PairTake } from '../../core/statistics/take.ts';
import type { Value } from '../../core/tensor/values.ts';
import type { Runtime } from '../types.ts';
import { deviceMoments, type DeviceMoments } from './device-moments.ts';
import { channelRows, layerRows, valueRows, type Rows } from '../layer-rows.ts';

/** The values of one batch. */
export interface BatchValues {
  readonly value: (name: string) => Value | undefined;
  /** The same of the model before the step, where it runs beside. */
  readonly before?: (name: string) => Value | undefined;
  /** 1 for real positions, 0 for padding. */
  readonly mask?: Uint8Array;
}

/** Takes looks at one batch after the other. */
export interface LookCollector {
  add(batch: BatchValues): Promise<void>;
  /** Results by the looks' keys; looks that saw no row have none. */
  finish(): Promise<Results>;
}

type Found = (view: RowsView, before?: boolean) => Rows | undefined;

/**
 * Collects looks batch by batch. `index` is of the graph that the looks' layers were found in: their
 * nodes say how rows are read. Large products are made on `device`, where it is a graphics device. Throws `look-gradient`, and `look-rows` when two
 * values do not go in step; rows of the float path that do not have no result.
 */
export function createCollector(
  index: GraphIndex,
  looks: readonly SingleLook[],
  device?: Runtime,
): LookCollector {
  const graphics = device?.device === 'webgpu' ? device : undefined;
  const collecting = looks.map((look) => ({ key: look.key, ...collectOne(look, graphics) }));
  return {
    async add(batch) {
      const rows = rowsOfBatch(index, batch);
      for (const { add } of collecting) await add(rows);
    },
    async finish() {
      const results = new Map<string, unknown>();
      for (const { key, finish } of collecting) {
        const result = await finish();
        if (result !== undefined) results.set(key, result);
      }
      return results;
    },
  };
}

/** Rows of a batch's values, each way of reading them unfolded once. */
function rowsOfBatch(index: GraphIndex, { value, before, mask }: BatchValues): Found {
  const known = new Map<string, Rows | undefined>();
  return (view, beside = false) => {
    const key = `${beside} ${viewKey(view)}`;
    if (!known.has(key)) {
      const found = (beside ? before : value)?.(view.value);
      known.set(key, found && rowsOf(index, view, found, mask));
    }
    return known.get(key);
  };
}

function rowsOf(
  index: GraphIndex,
  { rowsOf: layer, channels }: RowsView,
  value: Value,
  mask: Uint8Array | undefined,
): Rows | undefined {
  if (channels !== undefined) return channelRows(value, channels, mask);
  if (layer === undefined) return valueRows(value, mask);
  const node = index.producer(layer.output)?.node;
  return node && layerRows(layer, node, value, mask);
}

interface CollectOne {
  readonly add: (rows: Found) => void | Promise<void>;
  readonly finish: () => unknown;
}

function collectOne({ view, take }: SingleLook, graphics: Runtime | undefined): CollectOne {
  if (isGradientTake(take)) throw gradientNotSeen(view.value);
  if (typeof take !== 'string') return collectPair(view, take);
  const begin = (columns: number): TakeAccumulator<unknown> | DeviceMoments =>
    graphics && take === 'moments' ? deviceMoments(graphics, columns) : createTake(take, columns);
  let accumulator: ReturnType<typeof begin> | undefined;
  return {
    add(rows) {
      const found = rows(view);
      if (found === undefined) return;
      accumulator ??= begin(found.columns);
      return accumulator.add(found.x, found.rows);
    },
    finish: () => accumulator?.finish(),
  };
}

function collectPair(view: RowsView, take: PairTake): CollectOne {
  const { other } = take;
  const beside = other === 'float path';
  const partner = beside ? view : { value: other.value };
  let accumulator: PairAccumulator<unknown> | undefined;
  let apart = false;
  return {
    add(rows) {
      const [found, others] = [rows(view), rows(partner, beside)];
      if (found === undefined || others === undefined || apart) return;
      if (found.rows !== others.rows) {
        // A router sends other tokens to an expert once the layers before it are compressed: nothing can be paired.
        if (!beside) throw notInStep(view, found.rows, partner, others.rows);
        apart = true;
        return;
      }
      accumulator ??= createPairTake(take, found.columns, others.columns);
      accumulator.add(found.x, found.rows, others.x);
    },
    finish: () => (apart ? undefined : accumulator?.finish()),
  };
}

function notInStep(a: RowsView, rows: number, b: RowsView, otherRows: number): LatheError {
  return new LatheError(
    'look-rows',
    `The values "${a.value}" and "${b.value}" have ${rows} and ${otherRows} rows, which do not go in step; look at two values with the same leading dimensions.`,
    { rows, otherRows },
  );
}
