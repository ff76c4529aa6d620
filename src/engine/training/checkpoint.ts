import { z } from 'zod';
import { bytesOf } from '../../core/data/fingerprint.ts';
import type { TrainingState } from '../../runtime/trainer/state.ts';
import type { Storage } from '../storage/types.ts';

const FOLDER = 'checkpoints';

const HeaderSchema = z.object({
  step: z.number().int().min(0),
  size: z.number().int().min(1),
  lossScale: z.object({ scale: z.number().positive(), served: z.int().min(0) }).optional(),
  best: z.object({ step: z.number().int(), loss: z.number() }).optional(),
  further: z.array(z.tuple([z.string(), z.int().min(0)])).default([]),
  curve: z.array(z.tuple([z.number(), z.number()])),
  validation: z.array(z.tuple([z.number(), z.number(), z.number()])),
});

/** All that a training run needs to go on as if nothing had happened. */
export interface Checkpoint {
  readonly state: TrainingState;
  readonly best?: { readonly step: number; readonly loss: number; readonly theta: Float32Array };
  readonly curve: readonly (readonly [number, number])[];
  readonly validation: readonly (readonly [number, number, number])[];
}

/**
 * One checkpoint per run, by the run's content address. One file, written all or nothing: a JSON header,
 * padded to a multiple of four bytes behind its length, then θ, m, v, the best θ and what else the run carries, as float32.
 */
export class CheckpointStore {
  constructor(
    readonly storage: Storage,
    readonly key: string,
  ) {}

  async write({ state, best, curve, validation }: Checkpoint): Promise<void> {
    const further = Object.entries(state.further);
    const header = {
      ...{ step: state.step, size: state.theta.length, curve, validation },
      lossScale: state.lossScale,
      ...(further.length > 0 && { further: further.map(([name, { length }]) => [name, length]) }),
      ...(best && { best: { step: best.step, loss: best.loss } }),
    };
    const text = new TextEncoder().encode(JSON.stringify(header));
    const padded = new Uint8Array(Math.ceil(text.length / 4) * 4).fill(32);
    padded.set(text);
    const vectors = [state.theta, state.m, state.v, ...(best ? [best.theta] : [])];
    const arrays = [...vectors, ...further.map(([, data]) => data)];
    const length = bytesOf(Uint32Array.of(padded.length));
    await this.storage.write(this.#path(), [length, padded, ...arrays.map(bytesOf)]);
  }

  /** The last checkpoint, or undefined; one that cannot be read counts as none. */
  async read(size: number): Promise<Checkpoint | undefined> {
    try {
      const source = await this.storage.open(this.#path());
      if (source === undefined) return undefined;
      const bytes = (await source.read(0, source.byteLength)).slice();
      return parse(bytes, size);
    } catch {
      return undefined;
    }
  }

  async remove(): Promise<void> {
    await this.storage.remove(this.#path());
  }

  #path(): string {
    return `${FOLDER}/${this.key}.bin`;
  }
}

function parse(bytes: Uint8Array, size: number): Checkpoint | undefined {
  const length = new DataView(bytes.buffer).getUint32(0, true);
  const json = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length))) as unknown;
  const header = HeaderSchema.parse(json);
  const { step, best, curve, validation, lossScale, size: found } = header;
  const floats = new Float32Array(bytes.buffer, 4 + length);
  const vectors = size * (best ? 4 : 3);
  const more = header.further.reduce((sum, [, count]) => sum + count, 0);
  if (found !== size || floats.length !== vectors + more) return undefined;
  const part = (index: number) => floats.slice(index * size, (index + 1) * size);
  return {
    state: {
      ...{ theta: part(0), m: part(1), v: part(2), step },
      further: furtherOf(header.further, floats.subarray(vectors)),
      ...(lossScale && { lossScale }),
    },
    ...(best && { best: { ...best, theta: part(3) } }),
    ...{ curve, validation },
  };
}

function furtherOf(
  sizes: readonly (readonly [string, number])[],
  floats: Float32Array,
): Record<string, Float32Array> {
  let offset = 0;
  return Object.fromEntries(
    sizes.map(([name, size]) => [name, floats.slice(offset, (offset += size))]),
  );
}
