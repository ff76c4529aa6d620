import { describe, expect, it } from 'vitest';
import { fixtureModels } from '../../../test/support/onnx.ts';
import { LatheError } from '../errors/lathe-error.ts';
import { readModel } from './read.ts';
import { assertOnnx, type FileKind, identify } from './sniff.ts';
import { bytesSource } from './source.ts';

const ascii = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const zipOf = (entry: string) =>
  ascii(`PK\x03\x04${'\0'.repeat(22)}${String.fromCharCode(entry.length)}\0\0\0${entry}`);

interface Case {
  readonly kind: FileKind;
  readonly head: Uint8Array;
  readonly sentence: string;
  readonly name?: string;
}

const safetensors = ascii('\x0c\0\0\0\0\0\0\0{"w":{}}    data');

const CASES: readonly Case[] = [
  {
    kind: 'gguf',
    head: ascii('GGUF\x03\0\0\0'),
    sentence:
      'is a GGUF file, which holds weights but no graph; choose the ONNX export of the same model.',
  },
  {
    kind: 'safetensors',
    head: safetensors,
    sentence:
      'is a safetensors file, which holds weights but no graph; export the model to ONNX first (for example with Optimum).',
  },
  {
    kind: 'pytorch-zip',
    head: zipOf('archive/data.pkl'),
    sentence:
      'is a PyTorch checkpoint, which needs Python code to run; export the model to ONNX first (torch.onnx.export or Optimum).',
  },
  {
    kind: 'pytorch-zip',
    head: zipOf('archive/version'),
    name: 'model.pt',
    sentence:
      'is a PyTorch checkpoint, which needs Python code to run; export the model to ONNX first (torch.onnx.export or Optimum).',
  },
  {
    kind: 'pickle',
    head: ascii('\x80\x02}q\0'),
    sentence:
      'is a Python pickle, which cannot be opened safely; export the model to ONNX first (torch.onnx.export or Optimum).',
  },
  {
    kind: 'npz',
    head: zipOf('x.npy'),
    sentence:
      'is a NumPy archive, which holds arrays but no graph; choose it as data, and an .onnx file as the model.',
  },
  {
    kind: 'npy',
    head: ascii('\x93NUMPY\x01\0'),
    sentence:
      'is a NumPy array, which holds numbers but no graph; choose it as data, and an .onnx file as the model.',
  },
  {
    kind: 'zip',
    head: zipOf('model.onnx'),
    sentence: 'is a zip archive; unpack it and choose the .onnx file inside.',
  },
  {
    kind: 'gzip',
    head: ascii('\x1f\x8b\x08'),
    sentence: 'is compressed with gzip; unpack it and choose the .onnx file inside.',
  },
  {
    kind: 'hdf5',
    head: ascii('\x89HDF\r\n\x1a\n'),
    sentence:
      'is an HDF5 file (Keras), which Lathe does not read; export the model to ONNX first (tf2onnx).',
  },
  {
    kind: 'tflite',
    head: ascii('\x1c\0\0\0TFL3'),
    sentence:
      'is a TensorFlow Lite model, which Lathe does not read; convert it to ONNX first (tf2onnx).',
  },
  {
    kind: 'ort',
    head: ascii('\x1c\0\0\0ORTM'),
    sentence:
      'is in the ORT format, which has been optimised for one runtime and cannot be edited; choose the .onnx file it was made from.',
  },
  {
    kind: 'html',
    head: ascii('\n<!DOCTYPE html><html lang="en">'),
    sentence:
      'is a web page, not a model; the download probably returned an error or a login page, so download the file itself.',
  },
  {
    kind: 'git-lfs-pointer',
    head: ascii('version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n'),
    sentence:
      'is a Git LFS pointer, not the model itself; run "git lfs pull" or download the file from its page.',
  },
  {
    kind: 'json',
    head: ascii('{"model_type": "gpt2"}'),
    sentence: 'is a JSON file, not a model; choose the .onnx file beside it.',
  },
  {
    kind: 'empty',
    head: new Uint8Array(),
    sentence: 'is empty; download or export the model again.',
  },
  {
    kind: 'unknown',
    head: ascii('Once upon a time'),
    sentence:
      'is not an ONNX model, nor any other kind of file that is known here; choose an .onnx file.',
  },
];

describe.each(CASES)('$kind', ({ kind, head, sentence, name = 'model.onnx' }) => {
  it('is recognised, and refused with one sentence', async () => {
    expect(identify(head, head.byteLength, name)).toBe(kind);
    const message = `"${name}" ${sentence}`;
    const refuse = () => assertOnnx(head, head.byteLength, name);
    expect(refuse).toThrow(LatheError);
    expect(refuse).toThrow(expect.objectContaining({ code: 'not-onnx', message }));
    expect(() => assertOnnx(head)).toThrow(/^The file is /);
    await expect(readModel(bytesSource(head), { name })).rejects.toMatchObject({ message });
  });
});

describe('onnx', () => {
  it('is recognised in every fixture, and where only the first bytes are given', () => {
    for (const { bytes } of fixtureModels()) {
      expect(identify(bytes)).toBe('onnx');
      expect(identify(bytes.subarray(0, 64), bytes.byteLength)).toBe('onnx');
      expect(() => assertOnnx(bytes)).not.toThrow();
    }
  });

  it('is not mistaken for safetensors, whose header must fit the file', () => {
    expect(identify(safetensors, 15)).not.toBe('safetensors');
  });
});
