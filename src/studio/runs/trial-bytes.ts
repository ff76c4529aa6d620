import type { Trial } from '../../../workers/protocol.ts';

export interface ModelBytes {
  readonly sha256: string;
  readonly model: string;
  readonly count: number;
  readonly bytes: number;
}

/** What the trials of each model take, the most first. */
export function trialBytesByModel(
  trials: readonly Trial[],
  bytesOf: Readonly<Record<string, number>>,
): ModelBytes[] {
  const models = new Map<string, ModelBytes>();
  for (const { id, model, shipped } of trials) {
    if (shipped === true) continue;
    const known = models.get(model.sha256) ?? {
      ...NOTHING,
      sha256: model.sha256,
      model: model.name,
    };
    const bytes = known.bytes + (bytesOf[id] ?? 0);
    models.set(model.sha256, { ...known, bytes, count: known.count + 1 });
  }
  return [...models.values()].sort((a, b) => b.bytes - a.bytes);
}

const NOTHING = { count: 0, bytes: 0 };
