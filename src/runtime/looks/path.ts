import { LatheError, throwIfCancelled } from '../../core/errors/lathe-error.ts';
import { extractSubgraph } from '../../core/onnx/graph/extract.ts';
import type { ShapeInfo } from '../../core/onnx/shape/infer.ts';
import type { Model } from '../../core/onnx/types.ts';
import type { Value } from '../../core/tensor/values.ts';
import type { CaptureBatch } from '../capture.ts';
import { FUSED_AWAY } from '../ort-sentences.ts';
import type { Runtime, SessionOptions } from '../types.ts';
import type { Stop } from './stops.ts';

/** All batches on their way through one model, part by part. */
export interface Path {
  /** Runs the part that leads to a stop, as `model` has it now. */
  advance(model: Model, stop: Stop, signal?: AbortSignal): Promise<void>;
  /** A value of a batch that was computed and is still kept. */
  value(batch: number, name: string): Value | undefined;
  /** Lets go of what is not needed behind a stop. */
  forget(stop: Stop): void;
}

/** A path that begins at the batches' inputs. Every node runs once per batch. */
export function beginPath(
  runtime: Runtime,
  batches: readonly CaptureBatch[],
  shapes: ShapeInfo,
): Path {
  const computed = batches.map(() => new Map<string, Value>());
  const value = (batch: number, name: string): Value | undefined =>
    computed[batch].get(name) ?? batches[batch].feeds[name];
  return {
    value,
    async advance(model, { part }, signal) {
      if (part === undefined) return;
      const { inputs, outputs } = part;
      const graph = extractSubgraph(model, inputs, outputs, shapes);
      const run = async (options: SessionOptions): Promise<void> => {
        const session = await runtime.open(graph, options);
        try {
          for (const [b, { feeds }] of batches.entries()) {
            throwIfCancelled(signal);
            const given = { ...feeds, ...Object.fromEntries(computed[b]) };
            const results = await session.run(given, outputs);
            for (const [name, result] of Object.entries(results)) computed[b].set(name, result);
          }
        } finally {
          await session.release();
        }
      };
      await run({}).catch((error: unknown) => {
        if (!(error instanceof LatheError) || error.code !== FUSED_AWAY) throw error;
        // Some fusions do not look whether a value in their middle is wanted: without them it is there.
        return run({ optimization: 'basic' });
      });
    },
    forget({ kept }) {
      for (const values of computed) {
        for (const name of values.keys()) if (!kept.has(name)) values.delete(name);
      }
    },
  };
}
