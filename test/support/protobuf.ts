/** Hand-made protobuf bytes, independent of the codec under test. */
export function varint(value: number | bigint): number[] {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
}

export function int(number: number, value: number | bigint): number[] {
  return [...varint(number * 8), ...varint(value)];
}

export function bytes(number: number, value: string | ArrayLike<number>): number[] {
  const payload = typeof value === 'string' ? new TextEncoder().encode(value) : value;
  return [...varint(number * 8 + 2), ...varint(payload.length), ...Array.from(payload)];
}

export function fixed32(number: number, value: number): number[] {
  return [...varint(number * 8 + 5), ...new Uint8Array(Float32Array.of(value).buffer)];
}

/** A ModelProto of IR version 8, opset 17, around the bytes of a GraphProto. */
export function modelWith(graph: readonly number[], ...more: readonly number[][]): Uint8Array {
  return Uint8Array.from([
    ...int(1, 8),
    ...bytes(7, graph),
    ...bytes(8, int(2, 17)),
    ...more.flat(),
  ]);
}

/** The same with one initializer. */
export function modelWithTensor(...fields: readonly number[][]): Uint8Array {
  return modelWith([...bytes(2, 'g'), ...bytes(5, fields.flat())]);
}
