import { throwIfCancelled } from '../../core/errors/lathe-error.ts';
import type { ByteSource } from '../../core/onnx/types.ts';
import type { Plan } from '../../core/recipe/plan-types.ts';
import { writtenBytes, type WrittenModel } from '../model/written.ts';

/** Larger files take minutes, which the number is not worth. */
const MOST = 1 << 29;

/** Read at a time. */
const PIECE = 1 << 20;

/**
 * Bytes of a written model's files once gzip has packed each, where that is news: weights that were set to zero one by
 * one and are stored as if they were not. Depends on the platform's gzip in its last digits, so nothing else may follow
 * from it.
 */
export async function zippedBytes(
  plan: Pick<Plan, 'steps'>,
  written: WrittenModel,
  signal?: AbortSignal,
): Promise<number | undefined> {
  if (!setsZeros(plan) || writtenBytes(written) > MOST) return undefined;
  let bytes = 0;
  for (const source of [written.file, ...written.data.map((data) => data.source)]) {
    bytes += await gzippedBytes(source, signal);
  }
  return bytes;
}

/** Single weights, where a picture or a training shows which: what cuts structures leaves no zeros behind. */
function setsZeros({ steps }: Pick<Plan, 'steps'>): boolean {
  return steps.some(({ method: { meta } }) => {
    const { family, pictures, needs } = meta;
    return family === 'pruning' && (pictures === 'weight' || needs.includes('training'));
  });
}

/** As many bytes as `gzip` makes of a source, which is read piece by piece and kept nowhere. */
export async function gzippedBytes(source: ByteSource, signal?: AbortSignal): Promise<number> {
  let at = 0;
  const pieces = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: async (controller) => {
      throwIfCancelled(signal);
      if (at >= source.byteLength) return controller.close();
      const piece = await source.read(at, Math.min(PIECE, source.byteLength - at));
      at += piece.length;
      controller.enqueue(piece.slice());
    },
  });
  const reader = pieces.pipeThrough(new CompressionStream('gzip')).getReader();
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return bytes;
    bytes += value.length;
  }
}
