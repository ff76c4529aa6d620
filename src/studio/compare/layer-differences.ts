import type { ErrorKind, LayerReport, Report } from '../../core/report/types.ts';

/** One layer in two trials of the same model. */
export interface LayerDifference {
  readonly name: string;
  readonly kind: ErrorKind;
  readonly errors: readonly [number, number];
  /** b − a. */
  readonly error: number;
  readonly bytes: readonly [number, number];
}

export interface LayerDifferences {
  /** The largest difference of errors first, whichever way. */
  readonly layers: readonly LayerDifference[];
  /** Layers with an error in one trial only, or with errors of different kinds: no difference means anything. */
  readonly leftOut: number;
}

/** Layer by layer, b − a. Undefined where the models differ: layers of the same name need not be the same. */
export function layerDifferences(a: Report, b: Report): LayerDifferences | undefined {
  if (a.inputSha256 !== b.inputSha256) return undefined;
  const left = lastByName(a.layers);
  const right = lastByName(b.layers);
  const names = [...new Set([...left.keys(), ...right.keys()])];
  const layers = names.flatMap((name) => between(left.get(name), right.get(name)));
  return {
    layers: layers.sort((x, y) => Math.abs(y.error) - Math.abs(x.error)),
    leftOut: names.length - layers.length,
  };
}

/** A layer that several steps worked on ends as the last of them left it. */
function lastByName(layers: readonly LayerReport[]): ReadonlyMap<string, LayerReport> {
  return new Map(layers.map((layer) => [layer.name, layer]));
}

function between(a: LayerReport | undefined, b: LayerReport | undefined): LayerDifference[] {
  if (a === undefined || b === undefined || a.errorKind !== b.errorKind) return [];
  return [
    {
      ...{ name: b.name, kind: b.errorKind },
      errors: [a.relativeError, b.relativeError],
      error: b.relativeError - a.relativeError,
      bytes: [a.bytesAfter, b.bytesAfter],
    },
  ];
}
