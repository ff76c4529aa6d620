import type { FunctionDefinition, MetadataEntry, OperatorSet } from '../types.ts';
import { message, one, readFields, schema, writeFields } from '../wire/codec.ts';
import { integer, prose, text } from '../wire/scalars.ts';

const OPERATOR_SET = schema({ domain: one(1, text), version: one(2, integer) });
const ENTRY = schema({ key: one(1, text), value: one(2, prose) });
const FUNCTION = schema({ name: one(1, text), domain: one(10, text), overload: one(13, text) });

export const operatorSet = message<OperatorSet>({
  read(input) {
    const { domain = '', version = 0 } = readFields(input, OPERATOR_SET);
    return { domain, version };
  },
  write: (output, value) => writeFields(output, OPERATOR_SET, value),
});

/** StringStringEntryProto: metadata_props and the facts about external data. */
export const metadataEntry = message<MetadataEntry>({
  read(input) {
    const { key = '', value = '' } = readFields(input, ENTRY);
    return { key, value };
  },
  write: (output, value) => writeFields(output, ENTRY, value),
});

/** FunctionProto: kept whole; only what identifies it is decoded. */
export const functionDefinition = message<FunctionDefinition>({
  read(input) {
    const { position } = input;
    const { name = '', domain = '', overload } = readFields(input, FUNCTION);
    return {
      name,
      domain,
      ...(overload !== undefined && { overload }),
      bytes: input.whole(position),
    };
  },
  write: (output, value) => output.bytes(value.bytes),
});
