import { LatheError } from '../errors/lathe-error.ts';

/** What a file is, judged by its first bytes (and its name where bytes cannot tell). */
export type FileKind =
  | 'onnx'
  | 'ort'
  | 'gguf'
  | 'safetensors'
  | 'pytorch-zip'
  | 'pickle'
  | 'npz'
  | 'npy'
  | 'zip'
  | 'gzip'
  | 'hdf5'
  | 'tflite'
  | 'html'
  | 'git-lfs-pointer'
  | 'json'
  | 'empty'
  | 'unknown';

/** How many first bytes {@link identify} wants to see; fewer are enough for a smaller file. */
export const HEAD_BYTES = 4096;

type Test = (head: Uint8Array, text: string, byteLength: number, name: string) => boolean;

const at =
  (start: number, magic: string): Test =>
  (_, text) =>
    text.startsWith(magic, start);
const isZip = at(0, 'PK\x03\x04');

/** Name of a zip's first entry; archives made by torch.save and numpy.savez are told apart by it. */
function firstEntry(head: Uint8Array, text: string): string {
  if (head.byteLength < 30) return '';
  return text.slice(30, 30 + head[26] + 256 * head[27]);
}

/** Ordered: the more specific test comes first. */
const TESTS: readonly (readonly [FileKind, Test])[] = [
  ['empty', (head, _, byteLength) => byteLength === 0 || head.byteLength === 0],
  ['gguf', at(0, 'GGUF')],
  ['tflite', at(4, 'TFL3')],
  ['ort', at(4, 'ORTM')],
  ['npy', at(0, '\x93NUMPY')],
  ['hdf5', at(0, '\x89HDF\r\n')],
  ['gzip', at(0, '\x1f\x8b')],
  ['git-lfs-pointer', at(0, 'version https://git-lfs.github.com/spec/')],
  ['html', (_, text) => /^\s*<(!doctype html|html|head|\?xml)/i.test(text)],
  ['npz', (h, t, n, name) => isZip(h, t, n, name) && /\.npy$/.test(firstEntry(h, t))],
  [
    'pytorch-zip',
    (h, t, n, name) =>
      isZip(h, t, n, name) &&
      (/data\.pkl$/.test(firstEntry(h, t)) || /\.(pt|pth|bin|ckpt)$/i.test(name)),
  ],
  ['zip', isZip],
  ['safetensors', isSafetensors],
  ['json', (_, text) => /^\s*[[{]\s*["{[\]}\d-]/.test(text)],
  ['pickle', (head) => head[0] === 0x80 && head[1] >= 2 && head[1] <= 5],
  ['onnx', isOnnx],
];

/** Eight bytes of header length, then a JSON object (github.com/huggingface/safetensors). */
function isSafetensors(head: Uint8Array, text: string, byteLength: number): boolean {
  if (head.byteLength < 10 || text[8] !== '{') return false;
  let length = 0;
  for (let i = 7; i >= 0; i--) length = length * 256 + head[i];
  return length >= 2 && length + 8 <= byteLength;
}

/** ModelProto's fields by wire type: a file is taken for ONNX when its first fields are among them. */
const VARINT_FIELDS = new Set([1, 5]);
const GRAPH = 7;
const BYTES_FIELDS = new Set([2, 3, 4, 6, 7, 8, 14, 20, 25, 26]);

function isOnnx(head: Uint8Array, _: string, byteLength: number): boolean {
  let at = 0;
  for (let fields = 0; fields < 2 && at < head.byteLength; fields++) {
    const tag = varint(head, at);
    const value = varint(head, tag.next);
    const [number, wire] = [Math.floor(tag.value / 8), tag.value % 8];
    if (wire === 0 ? !VARINT_FIELDS.has(number) : wire !== 2 || !BYTES_FIELDS.has(number))
      return false;
    at = wire === 0 ? value.next : value.next + value.value;
    // Only the graph is long enough to be what a broken download cut off.
    if (at > byteLength) return number === GRAPH;
  }
  return true;
}

function varint(bytes: Uint8Array, start: number): { value: number; next: number } {
  let value = 0;
  for (let i = 0; i < 10; i++) {
    const byte = bytes[start + i] ?? 0;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { value, next: start + i + 1 };
  }
  return { value: Infinity, next: start + 10 };
}

/**
 * What a file is. `head`: its first {@link HEAD_BYTES} bytes (all of a smaller file); `byteLength`: size
 * of the whole file; `name` helps where archives look alike.
 */
export function identify(
  head: Uint8Array,
  byteLength: number = head.byteLength,
  name = '',
): FileKind {
  const text = Array.from(head.subarray(0, 512), (byte) => String.fromCharCode(byte)).join('');
  return TESTS.find(([, test]) => test(head, text, byteLength, name))?.[0] ?? 'unknown';
}

const SENTENCES: Readonly<Record<Exclude<FileKind, 'onnx'>, string>> = {
  ort: 'is in the ORT format, which has been optimised for one runtime and cannot be edited; choose the .onnx file it was made from.',
  gguf: 'is a GGUF file, which holds weights but no graph; choose the ONNX export of the same model.',
  safetensors:
    'is a safetensors file, which holds weights but no graph; export the model to ONNX first (for example with Optimum).',
  'pytorch-zip':
    'is a PyTorch checkpoint, which needs Python code to run; export the model to ONNX first (torch.onnx.export or Optimum).',
  pickle:
    'is a Python pickle, which cannot be opened safely; export the model to ONNX first (torch.onnx.export or Optimum).',
  npz: 'is a NumPy archive, which holds arrays but no graph; choose it as data, and an .onnx file as the model.',
  npy: 'is a NumPy array, which holds numbers but no graph; choose it as data, and an .onnx file as the model.',
  zip: 'is a zip archive; unpack it and choose the .onnx file inside.',
  gzip: 'is compressed with gzip; unpack it and choose the .onnx file inside.',
  hdf5: 'is an HDF5 file (Keras), which Lathe does not read; export the model to ONNX first (tf2onnx).',
  tflite:
    'is a TensorFlow Lite model, which Lathe does not read; convert it to ONNX first (tf2onnx).',
  html: 'is a web page, not a model; the download probably returned an error or a login page, so download the file itself.',
  'git-lfs-pointer':
    'is a Git LFS pointer, not the model itself; run "git lfs pull" or download the file from its page.',
  json: 'is a JSON file, not a model; choose the .onnx file beside it.',
  empty: 'is empty; download or export the model again.',
  unknown:
    'is not an ONNX model, nor any other kind of file that is known here; choose an .onnx file.',
};

/** The error for a file that is not ONNX: `not-onnx`, one sentence that names what it is. */
export function notOnnx(kind: Exclude<FileKind, 'onnx'>, name = ''): LatheError {
  const subject = name === '' ? 'The file' : `"${name}"`;
  return new LatheError('not-onnx', `${subject} ${SENTENCES[kind]}`, { kind });
}

/** Throws `not-onnx` unless the file looks like an ONNX model (arguments as for {@link identify}). */
export function assertOnnx(head: Uint8Array, byteLength?: number, name?: string): void {
  const kind = identify(head, byteLength, name);
  if (kind !== 'onnx') throw notOnnx(kind, name);
}
