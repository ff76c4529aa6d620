import { DataType } from '../tensor/data-type.ts';
import type { CachePort } from './port.ts';

const TOKEN_NAMES = ['input_ids', 'decoder_input_ids', 'tokens', 'ids', 'input'];

/** What stands beside the ids and is as long as they are. */
const BESIDE = /mask|pos|type|segment|len|cache|past/;

/** The input that takes token ids: by its usual names, else the only whole-number input of rank 2. */
export function tokenInput<P extends CachePort>(inputs: readonly P[]): P | undefined {
  const named = TOKEN_NAMES.map((name) =>
    inputs.find((port) => port.name === name && isInteger(port)),
  );
  const known = named.find((port) => port !== undefined);
  if (known) return known;
  const candidates = inputs.filter((port) => isInteger(port) && port.dims.length === 2);
  if (candidates.length === 1) return candidates[0];
  const ids = candidates.filter(({ name }) => !BESIDE.test(name));
  return ids.length === 1 ? ids[0] : undefined;
}

function isInteger({ dataType }: CachePort): boolean {
  return dataType === DataType.int64 || dataType === DataType.int32;
}
