import { DataType } from '../../tensor/data-type.ts';
import type { Codec, Connection, Form } from '../form.ts';
import { requireKind } from '../problems.ts';
import type { Coded } from '../types.ts';
import { decodeCoded, keyOfCoded } from './decode.ts';
import { groupOfCoded } from './group.ts';
import { readRows, type StoredRows } from './rows.ts';
import { storedRows } from './store.ts';
import { codedTensors } from './tensors.ts';
import type { Emitter } from '../emitter.ts';

/** Codes as packed bytes and standard operators that unpack them: runs everywhere, in any width. */
export const coded: Codec<Coded> = {
  // Reshape, Slice and broadcasting as unpacking needs them; GatherElements for a table per row.
  opset: ({ grid }) => (grid !== 'integer' && grid.shared === 'row' ? 11 : 10),
  form: (structure, site): Form => ({
    id: 'packed',
    tensors: (encoded) => codedTensors(requireKind(encoded, 'coded'), site),
    connect: (emit, names) => rowConnection(emit, storedRows(emit, structure, site, names)),
  }),
  decode: decodeCoded,
  group: groupOfCoded,
  did: () => 'quantized',
  key: keyOfCoded,
};

/** Reads stored rows whole (once) or picked. */
export function rowConnection(emit: Emitter, stored: StoredRows): Connection {
  let value: string | undefined;
  return {
    value: () => {
      value ??= readRows(emit, stored);
      return { value, layout: 'out-in', elementType: DataType.float32, unfolded: true };
    },
    rows: (picked) => readRows(emit, stored, picked),
  };
}
