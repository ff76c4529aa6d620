import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { TrainingState } from '../../src/runtime/trainer/state.ts';
import type { Best, CurvePoint } from './trainer-contract.ts';

/** All a run needs to go on as if it had never stopped. */
export interface Checkpoint {
  readonly state: TrainingState;
  readonly best: Best;
  readonly curve: readonly CurvePoint[];
  readonly seconds: number;
  /** Names model, data and configuration: a checkpoint of another run is not gone on with. */
  readonly run: string;
}

const measured = z.object({ value: z.number(), standardError: z.number(), n: z.number() });

const headSchema = z.object({
  run: z.string(),
  step: z.int().min(0),
  size: z.int().positive(),
  seconds: z.number(),
  best: z.object({ step: z.number(), loss: z.number(), error: z.number().optional() }),
  curve: z.array(
    z.object({
      step: z.number(),
      learningRate: z.number(),
      loss: z.number(),
      validation: measured,
      accuracy: z.number().optional(),
    }),
  ),
});

const FILE = 'checkpoint.bin';

/** One file, put in place at once: length of the head, head (JSON), θ, m, v, best θ. */
export function writeCheckpoint(folder: string, checkpoint: Checkpoint): void {
  const { state, best, curve, seconds, run } = checkpoint;
  const head: z.infer<typeof headSchema> = {
    run,
    step: state.step,
    size: state.theta.length,
    seconds,
    best: { step: best.step, loss: best.loss, error: best.error },
    curve: [...curve],
  };
  const text = Buffer.from(JSON.stringify(head));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  const vectors = [state.theta, state.m, state.v, best.theta];
  const bodies = vectors.map((v) => Buffer.from(v.buffer, v.byteOffset, v.byteLength));
  mkdirSync(folder, { recursive: true });
  const path = join(folder, FILE);
  writeFileSync(`${path}.new`, Buffer.concat([length, text, ...bodies]));
  renameSync(`${path}.new`, path);
}

/** The checkpoint of this run in the folder, if there is one. */
export function readCheckpoint(folder: string, run: string): Checkpoint | undefined {
  const path = join(folder, FILE);
  if (!existsSync(path)) return undefined;
  const bytes = readFileSync(path);
  const start = 4 + bytes.readUInt32LE(0);
  const head = headSchema.parse(JSON.parse(bytes.toString('utf8', 4, start)));
  if (head.run !== run) return undefined;
  const vector = (k: number) => {
    const from = start + 4 * head.size * k;
    return new Float32Array(new Uint8Array(bytes.subarray(from, from + 4 * head.size)).buffer);
  };
  return {
    state: { theta: vector(0), m: vector(1), v: vector(2), further: {}, step: head.step },
    best: { ...head.best, theta: vector(3) },
    curve: head.curve,
    seconds: head.seconds,
    run,
  };
}
