import type { TensorData } from '../../core/onnx/types.ts';
import { sha256Of } from '../hash.ts';

const known = new WeakMap<TensorData, Promise<string>>();

/**
 * SHA-256 (hex) of a tensor's bytes, read once however often it is asked for: a tensor's handle never
 * changes what it gives, and an edited model shares the handles of all it did not touch.
 */
export function tensorSha256(data: TensorData): Promise<string> {
  const hashed = known.get(data) ?? sha256Of([data]);
  known.set(data, hashed);
  hashed.catch(() => known.delete(data));
  return hashed;
}
