import { readFile } from 'node:fs/promises';
import * as ort from 'onnxruntime-node';
import { unzipSync } from 'fflate';

/** The arrays of an .npz file as onnxruntime takes them; written apart from Lathe's own reader. */
export async function readNpz(path: string): Promise<Record<string, ort.Tensor>> {
  const files = unzipSync(new Uint8Array(await readFile(path)));
  return Object.fromEntries(
    Object.entries(files).map(([name, bytes]) => [name.replace(/\.npy$/, ''), tensorOf(bytes)]),
  );
}

function tensorOf(bytes: Uint8Array): ort.Tensor {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint16(8, true);
  const header = new TextDecoder('latin1').decode(bytes.subarray(10, 10 + length));
  const type = /'descr': '<(\w\d)'/.exec(header)?.[1];
  const dims = (/'shape': \(([^)]*)\)/.exec(header)?.[1] ?? '').split(',').flatMap((dim) => {
    return dim.trim() === '' ? [] : Number(dim);
  });
  const data = bytes.slice(10 + length).buffer;
  if (type === 'i8') return new ort.Tensor('int64', new BigInt64Array(data), dims);
  if (type === 'f4') return new ort.Tensor('float32', new Float32Array(data), dims);
  throw new Error(`an array of type ${type}`);
}
