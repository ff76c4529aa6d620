import type { ErrorKind, LayerReport, Report } from '../../core/report/types.ts';

/** One layer in two trials of the same model. */
export interface LayerDifference {
  readonly name: string;
  /** What an untouched layer keeps counts, too. */
  readonly bytes: readonly [number, number];
  /** Absent where only one trial has an error, or they are of different kinds: no difference would mean anything. */
  readonly errors?: {
    readonly kind: ErrorKind;
    readonly both: readonly [number, number];
    /** b − a. */
    readonly difference: number;
  };
}

/**
 * Layer by layer, b − a: the largest difference of errors first, whichever way, then of bytes. Undefined where the
 * models differ: layers of the same name need not be the same.
 */
export function layerDifferences(a: Report, b: Report): readonly LayerDifference[] | undefined {
  if (a.inputSha256 !== b.inputSha256) return undefined;
  const left = lastByName(a.layers);
  const right = lastByName(b.layers);
  const names = [...new Set([...left.keys(), ...right.keys()])];
  return names.map((name) => between(name, left.get(name), right.get(name))).sort(bySize);
}

function bySize(x: LayerDifference, y: LayerDifference): number {
  const error = ({ errors }: LayerDifference): number => Math.abs(errors?.difference ?? 0);
  const known = ({ errors }: LayerDifference): number => Number(errors !== undefined);
  const bytes = ({ bytes: [from, to] }: LayerDifference): number => Math.abs(to - from);
  return known(y) - known(x) || error(y) - error(x) || bytes(y) - bytes(x);
}

/** A layer that several steps worked on ends as the last of them left it. */
function lastByName(layers: readonly LayerReport[]): ReadonlyMap<string, LayerReport> {
  return new Map(layers.map((layer) => [layer.name, layer]));
}

function between(name: string, a?: LayerReport, b?: LayerReport): LayerDifference {
  const untouched = a?.bytesBefore ?? b?.bytesBefore ?? 0;
  const bytes = [a?.bytesAfter ?? untouched, b?.bytesAfter ?? untouched] as const;
  if (a === undefined || b === undefined || a.errorKind !== b.errorKind) return { name, bytes };
  const both = [a.relativeError, b.relativeError] as const;
  return { name, bytes, errors: { kind: b.errorKind, both, difference: both[1] - both[0] } };
}
