import { tokenInput } from '../../runtime/feeds.ts';
import type { PortInfo } from '../../runtime/types.ts';

/** How many examples run together: a model exported with a fixed batch dictates it. */
export function batchSize(ports: readonly PortInfo[], most: number): number {
  return fixedBatch(ports) ?? most;
}

/** The number of examples per run that the file fixes, if it does. */
export function fixedBatch(ports: readonly PortInfo[]): number | undefined {
  const first = (tokenInput(ports) ?? ports.at(0))?.dims[0];
  return typeof first === 'number' && first >= 1 ? first : undefined;
}
