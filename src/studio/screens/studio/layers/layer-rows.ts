import type { Layer } from '../../../../core/anatomy/types.ts';
import type { LayerReport } from '../../../../core/report/types.ts';
import type { Forecast, ModelView } from '../../../../../workers/protocol.ts';
import type { BitsOfLayer } from '../../../recipe/layer-bits.ts';
import { leftReason } from './left-reason.ts';

export interface LayerRow {
  readonly name: string;
  readonly layer: Layer;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  /** Bits of one weight afterwards, scales and padding included. */
  readonly bits: number;
  /** Some active step works on it. */
  readonly targeted: boolean;
  /** Of the step that decides its bits, if one does. */
  readonly choice?: BitsOfLayer;
  readonly error?: number;
  readonly baselineError?: number;
  readonly errorKind?: LayerReport['errorKind'];
  readonly warnings: readonly string[];
  /** Why it takes as much as before. */
  readonly reason?: string;
}

/** Errors of layers, wherever they come from: a trial, or a run that is going on. */
export type LayerErrors = ReadonlyMap<string, ErrorOfLayer>;

type ErrorOfLayer = Pick<LayerReport, 'relativeError' | 'baselineRelativeError' | 'errorKind'> &
  Partial<Pick<LayerReport, 'warnings'>>;

interface Sources {
  readonly view: Pick<ModelView, 'anatomy' | 'layerBytes'>;
  readonly forecast?: Forecast;
  readonly targeted: ReadonlySet<string>;
  readonly choices: ReadonlyMap<string, BitsOfLayer>;
  readonly errors: LayerErrors;
  /** The recipe has steps. */
  readonly steps: boolean;
}

/** One row per layer: exact sizes and reasons from the forecast, errors as they are given. */
export function layerRows({ view, forecast, ...sources }: Sources): LayerRow[] {
  const { targeted, choices, errors, steps } = sources;
  const planned = new Map(forecast?.layers.map((layer) => [layer.name, layer]));
  const skipped = new Map(forecast?.skipped.map(({ name, reason }) => [name, reason]));
  return view.anatomy.layers.map((layer, at) => {
    const { name, outFeatures, inFeatures } = layer;
    const plan = planned.get(name);
    const bytesBefore = plan?.bytesBefore ?? view.layerBytes[at] ?? 0;
    const bytesAfter = plan?.bytesAfter ?? bytesBefore;
    const found = errors.get(name);
    const left = { layer, bytesBefore, bytesAfter, steps, targeted: targeted.has(name) };
    return {
      name,
      layer,
      bytesBefore,
      bytesAfter,
      bits: (bytesAfter * 8) / (outFeatures * inFeatures),
      targeted: targeted.has(name),
      choice: choices.get(name),
      error: found?.relativeError,
      baselineError: found?.baselineRelativeError,
      errorKind: found?.errorKind,
      warnings: found?.warnings ?? [],
      reason: leftReason(left, plan?.reason ?? skipped.get(name)),
    };
  });
}

export const COLUMNS = ['name', 'shape', 'before', 'after', 'share', 'bits', 'error'] as const;
export type Column = (typeof COLUMNS)[number];

export interface Sorting {
  readonly column: Column;
  readonly descending: boolean;
}

const KEYS: Record<Column, (row: LayerRow) => number | string> = {
  name: ({ name }) => name,
  shape: ({ layer }) => layer.outFeatures * layer.inFeatures,
  before: ({ bytesBefore }) => bytesBefore,
  after: ({ bytesAfter }) => bytesAfter,
  share: ({ bytesAfter }) => bytesAfter,
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
