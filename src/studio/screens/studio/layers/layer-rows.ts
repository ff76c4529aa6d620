import type { Layer } from '../../../../core/anatomy/types.ts';
import type { LayerReport } from '../../../../core/report/types.ts';
import type { Forecast, ModelView, Trial } from '../../../../../workers/protocol.ts';
import type { LiveLayer } from '../../../state/job-store.ts';

export interface LayerRow {
  readonly name: string;
  readonly layer: Layer;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  /** Bits of one weight afterwards, scales and padding included. */
  readonly bits: number;
  readonly error?: number;
  readonly baselineError?: number;
  readonly errorKind?: LayerReport['errorKind'];
  readonly warnings: readonly string[];
  /** Why the layer is left alone although targeted. */
  readonly reason?: string;
}

interface Sources {
  readonly view: ModelView;
  readonly forecast?: Forecast;
  readonly trial?: Trial;
  /** Layers of the run in progress; they replace the shown trial's. */
  readonly live?: Readonly<Record<string, LiveLayer>>;
}

/** One row per layer: exact sizes from the forecast, errors from the run in progress or the trial. */
export function layerRows({ view, forecast, trial, live }: Sources): LayerRow[] {
  const planned = new Map(forecast?.layers.map((layer) => [layer.name, layer]));
  const reported = new Map(trial?.report?.layers.map((layer) => [layer.name, layer]));
  return view.anatomy.layers.map((layer) => {
    const { name, outFeatures, inFeatures } = layer;
    const weights = outFeatures * inFeatures;
    const plan = planned.get(name);
    const bytesBefore = plan?.bytesBefore ?? weights * 4;
    const bytesAfter = plan?.bytesAfter ?? bytesBefore;
    const errors = live === undefined ? reported.get(name) : live[name];
    return {
      name,
      layer,
      bytesBefore,
      bytesAfter,
      bits: (bytesAfter * 8) / weights,
      error: errors?.relativeError,
      baselineError: errors?.baselineRelativeError,
      errorKind: errors?.errorKind,
      warnings: (live === undefined ? reported.get(name)?.warnings : undefined) ?? [],
      reason: plan?.reason,
    };
  });
}

export const COLUMNS = ['name', 'role', 'shape', 'before', 'after', 'bits', 'error'] as const;
export type Column = (typeof COLUMNS)[number];

export interface Sorting {
  readonly column: Column;
  readonly descending: boolean;
}

const KEYS: Record<Column, (row: LayerRow) => number | string> = {
  name: ({ name }) => name,
  role: ({ layer }) => layer.role,
  shape: ({ layer }) => layer.outFeatures * layer.inFeatures,
  before: ({ bytesBefore }) => bytesBefore,
  after: ({ bytesAfter }) => bytesAfter,
  bits: ({ bits }) => bits,
  error: ({ error }) => error ?? -1,
};

/** The model's own order, unless a column is chosen; equal rows keep that order. */
export function sortRows(rows: readonly LayerRow[], sorting: Sorting | undefined): LayerRow[] {
  if (sorting === undefined) return [...rows];
  const key = KEYS[sorting.column];
  const sign = sorting.descending ? -1 : 1;
  return [...rows].sort((a, b) => sign * compare(key(a), key(b)));
}

function compare(a: number | string, b: number | string): number {
  return typeof a === 'number' && typeof b === 'number'
    ? a - b
    : String(a).localeCompare(String(b), 'en', { numeric: true });
}

/** Every word of the filter must occur in the name, role, group, reason or way of storing. */
export function filterRows(rows: readonly LayerRow[], filter: string): LayerRow[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter(({ name, layer, reason }) => {
    const stored = layer.stored?.text ?? '';
    const text = `${name} ${layer.role} ${layer.group} ${reason ?? ''} ${stored}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
