import { findLayers } from '../../src/core/anatomy/layers.ts';
import type { Model } from '../../src/core/onnx/types.ts';
import { captureInputs } from '../../src/runtime/capture.ts';
import { createCollector } from '../../src/runtime/collect-statistics.ts';
import { languageFeeds, realPositions } from '../../src/runtime/feeds.ts';
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
  const collector = createCollector({ secondMoments: true });
  const pieces: Uint8Array[] = [];
  const keep = (values: Float32Array) =>
    pieces.push(new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice());
  await captureInputs(runtime, model, findLayers(model), batches, (layers, x, rows) => {
    keep(x);
    collector.onRows(layers, x, rows);
  });
  for (const { secondMoments, channelNorms } of collector.finish().values()) {
    keep(channelNorms);
    if (secondMoments) keep(secondMoments);
  }
  return sha256(pieces);
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
