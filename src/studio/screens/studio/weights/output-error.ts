import type { Trial } from '../../../../../workers/protocol.ts';

/** What a trial measured of a layer's output on calibration data; undefined where only weights were compared. */
export function outputErrorOf(trial: Trial | undefined, layer: string): number | undefined {
  const line = trial?.report?.layers.findLast(({ name }) => name === layer);
  return line?.errorKind === 'output' ? line.relativeError : undefined;
}
