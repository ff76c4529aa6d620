/**
 * onnxruntime's WebAssembly module with one more option for its WebGPU provider, which its JavaScript hands on no way:
 * `kvCacheQuantizationBits`, from `globalThis.cacheBits`. Loaded by onnxruntime-web itself (`env.wasm.wasmPaths`).
 */
interface OrtWasm {
  readonly PTR_SIZE: number;
  _OrtAppendExecutionProvider: AppendProvider;
  _malloc(bytes: number): number;
  getValue(at: number, type: '*'): number;
  setValue(at: number, value: number, type: '*'): void;
  lengthBytesUTF8(text: string): number;
  stringToUTF8(text: string, at: number, bytes: number): void;
}

type AppendProvider = (
  options: number,
  name: number,
  keys: number,
  values: number,
  count: number,
) => Promise<number>;

export default async function withCacheBits(config: unknown): Promise<OrtWasm> {
  const path = '/node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.asyncify.mjs';
  const loaded = (await import(/* @vite-ignore */ path)) as {
    default(config: unknown): Promise<OrtWasm>;
  };
  const wasm = await loaded.default(config);
  const append = wasm._OrtAppendExecutionProvider;
  wasm._OrtAppendExecutionProvider = (options, name, keys, values, count) => {
    const { cacheBits } = globalThis as { cacheBits?: number };
    if (cacheBits === undefined) return append(options, name, keys, values, count);
    const more = (list: number, text: string) => longer(wasm, list, count, text);
    const [k, v] = [more(keys, 'kvCacheQuantizationBits'), more(values, String(cacheBits))];
    return append(options, name, k, v, count + 1);
  };
  return wasm;
}

/** A list of texts with one more at its end; the memory is the module's until the test ends. */
function longer(wasm: OrtWasm, list: number, count: number, text: string): number {
  const made = wasm._malloc((count + 1) * wasm.PTR_SIZE);
  for (let i = 0; i < count; i++) {
    const at = i * wasm.PTR_SIZE;
    wasm.setValue(made + at, wasm.getValue(list + at, '*'), '*');
  }
  const size = wasm.lengthBytesUTF8(text) + 1;
  const place = wasm._malloc(size);
  wasm.stringToUTF8(text, place, size);
  wasm.setValue(made + count * wasm.PTR_SIZE, place, '*');
  return made;
}
