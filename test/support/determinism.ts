import { findLayers } from '../../src/core/anatomy/layers.ts';
import type { Layer } from '../../src/core/anatomy/types.ts';
import type { Model } from '../../src/core/onnx/types.ts';
import { inputOf, looksAtInputs, viewKey } from '../../src/core/statistics/look.ts';
import { runFor, withOutputs, type CaptureBatch } from '../../src/runtime/capture.ts';
import { languageFeeds, realPositions } from '../../src/runtime/feeds.ts';
import { valueRows } from '../../src/runtime/layer-rows.ts';
import { collectLooks } from '../../src/runtime/looks/collect-looks.ts';
import { inputPorts } from '../../src/runtime/ports.ts';
import type { Runtime } from '../../src/runtime/types.ts';

/**
 * Hash of every layer input of the stories sample and of the statistics made from them. The same
 * number in Node and in the page, with one thread or more, is what makes a recipe give the same file
 * everywhere. It changes when the sample, onnxruntime or the second-moment kernel changes: then take
 * the new number, once all of these tests agree on it.
 */
export const STORIES_ACTIVATIONS =
  'c7014d4d123d58f240136e35e31a24d0575722811970b5b5e63c2ed5a879087f';

export async function activationsDigest(runtime: Runtime, model: Model): Promise<string> {
  const ports = inputPorts(model);
  const batches = [0, 1].map((b) => {
    const ids = (length: number) =>
      Int32Array.from({ length }, (_, i) => (i * i * 7 + 31 * i + 113 * b + 1) % 512);
    const batch = { windows: [ids(96), ids(61)] };
    return { feeds: languageFeeds(ports, batch), mask: realPositions(batch) };
  });
  const layers = findLayers(model).filter(({ op }) => op !== 'Gather');
  const groups = groupedByRows(layers);
  const pieces: Uint8Array[] = [];
  const keep = (values: Float32Array) =>
    pieces.push(new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice());
  for (const x of await rowsOf(
    runtime,
    model,
    groups.map(([layer]) => layer),
    batches,
  ))
    keep(x);
  const seen = await collectLooks(runtime, model, looksAtInputs(layers, TAKES), batches);
  for (const layer of groups.flat()) {
    for (const take of TAKES) keep(seen.at(inputOf(layer), take)?.values ?? new Float32Array());
  }
  return sha256(pieces);
}

/** Layers that multiply the same rows. */
function groupedByRows(layers: readonly Layer[]): Layer[][] {
  const groups = new Map<string, Layer[]>();
  for (const layer of layers) {
    const key = viewKey(inputOf(layer));
    groups.set(key, [...(groups.get(key) ?? []), layer]);
  }
  return [...groups.values()];
}

const TAKES = ['norms', 'moments'] as const;

/** What layers are fed with, batch by batch. */
async function rowsOf(
  runtime: Runtime,
  model: Model,
  layers: readonly Layer[],
  batches: readonly CaptureBatch[],
): Promise<Float32Array[]> {
  const values = layers.map(({ input }) => input);
  const session = await runtime.open(withOutputs(model, values));
  const found: Float32Array[] = [];
  for (const { feeds, mask } of batches) {
    const results = await runFor(session, feeds, values);
    for (const { input } of layers) found.push(valueRows(results[input], mask).x);
  }
  await session.release();
  return found;
}

async function sha256(pieces: readonly Uint8Array[]): Promise<string> {
  const all = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.byteLength, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.byteLength;
  }
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', all));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
