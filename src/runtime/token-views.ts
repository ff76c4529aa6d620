import { DataType } from '../core/tensor/data-type.ts';
import type { Value } from '../core/tensor/values.ts';
import { notKept } from './evaluate/columns.ts';
import { tokenInput } from './feeds.ts';
import type { DeviceValue, PortInfo, Session } from './types.ts';
import type { Feeds } from './values.ts';

/** Tokens of a model that keeps only some of another's: `columns[c]` is the other's token that its token c is. */
export interface KeptTokens {
  readonly columns: Int32Array;
  /** How many the other one has. */
  readonly size: number;
}

/** The model as one that takes the other's tokens. Running throws `token-not-kept` for one it does not have. */
export function takingTokens(session: Session, kept: KeptTokens): Session {
  return viewed(session, { ids: inOwn(kept), scores: same });
}

/** The model as one that takes the other's tokens and scores all of them: those it does not have at −∞. */
export function withAllTokens(session: Session, kept: KeptTokens): Session {
  return viewed(session, { ids: inOwn(kept), scores: (value) => spread(value, kept) });
}

/** The other one, scoring only the tokens that are kept, in their order. */
export function scoringTokens(session: Session, kept: KeptTokens): Session {
  return viewed(session, { ids: same, scores: (value) => picked(value, kept) });
}

/** Inputs in the other's tokens, in the model's own. */
export function ownTokens(inputs: readonly PortInfo[], kept: KeptTokens): (feeds: Feeds) => Feeds {
  return withIds(inputs, inOwn(kept));
}

/** Inputs in the model's own tokens, in the other's. */
export function dataTokens(inputs: readonly PortInfo[], { columns }: KeptTokens) {
  return withIds(inputs, (value) => mapped(value, (own) => columns[own]));
}

function withIds(inputs: readonly PortInfo[], ids: View['ids']): (feeds: Feeds) => Feeds {
  const input = tokenInput(inputs)?.name;
  return (feeds) =>
    Object.fromEntries(
      Object.entries(feeds).map(([name, value]) => [name, name === input ? ids(value) : value]),
    );
}

function mapped({ dataType, dims, data }: Value, change: (id: number) => number): Value {
  const ids = Array.from(data, Number).map(change);
  return dataType === DataType.int64
    ? { dataType, dims, data: BigInt64Array.from(ids, BigInt) }
    : { dataType, dims, data: Int32Array.from(ids) };
}

interface View {
  readonly ids: (value: Value) => Value;
  readonly scores: (value: Value) => Value;
}

const same = (value: Value): Value => value;

function viewed(session: Session, { ids, scores }: View): Session {
  const input = tokenInput(session.inputs)?.name;
  const fed = <V extends Value | DeviceValue>(feeds: Readonly<Record<string, V>>) =>
    Object.fromEntries(
      Object.entries(feeds).map(([name, value]) => [
        name,
        name === input && 'dataType' in value ? ids(value) : value,
      ]),
    ) as Record<string, V>;
  return {
    ...{ inputs: session.inputs, outputs: session.outputs },
    run: async (feeds, fetches) => {
      const found = await session.run(fed(feeds), fetches);
      return Object.fromEntries(
        Object.entries(found).map(([name, value]) => [name, scores(value)]),
      );
    },
    runOnDevice: async (feeds) => {
      const found = await session.runOnDevice(fed(feeds));
      return Object.fromEntries(
        Object.entries(found).map(([name, value]) => [name, readAs(value, scores)]),
      );
    },
    release: () => session.release(),
  };
}

/** Views of values on the device by the values they are of: what comes back as an input is the value itself. */
function readAs(value: DeviceValue, scores: View['scores']): DeviceValue {
  const read = value.read.bind(value);
  // The same object, because a session knows its values by identity.
  return Object.assign(value, { read: async () => scores(await read()) });
}

function inOwn({ columns, size }: KeptTokens): (value: Value) => Value {
  const own = new Int32Array(size).fill(-1);
  columns.forEach((token, column) => (own[token] = column));
  return (value) =>
    mapped(value, (token) => {
      if ((own[token] ?? -1) < 0) throw notKept(token, columns.length);
      return own[token];
    });
}

function picked(value: Value, { columns, size }: KeptTokens): Value {
  const { dims, data } = value;
  if (!(data instanceof Float32Array) || dims.at(-1) !== size) return value;
  const rows = data.length / size;
  const out = new Float32Array(rows * columns.length);
  for (let row = 0; row < rows; row++) {
    columns.forEach((token, c) => (out[row * columns.length + c] = data[row * size + token]));
  }
  return { ...value, dims: dims.with(-1, columns.length), data: out };
}

function spread(value: Value, { columns, size }: KeptTokens): Value {
  const { dims, data } = value;
  if (!(data instanceof Float32Array) || dims.at(-1) !== columns.length) return value;
  const rows = data.length / columns.length;
  const out = new Float32Array(rows * size).fill(-Infinity);
  for (let row = 0; row < rows; row++) {
    columns.forEach((token, c) => (out[row * size + token] = data[row * columns.length + c]));
  }
  return { ...value, dims: dims.with(-1, size), data: out };
}
