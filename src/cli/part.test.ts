import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { tinyDecoderFolder, wordText } from '../../test/support/tiny-decoder.ts';
import { tinyDecoder, tinyEncoder, tinyPartsFolder } from '../../test/support/tiny-parts.ts';
import { readModel } from '../core/onnx/read.ts';
import { makeTensor } from '../core/onnx/graph/make.ts';
import { bytesSource } from '../core/onnx/source.ts';
import { writeModel } from '../core/onnx/write.ts';
import { DataType } from '../core/tensor/data-type.ts';
import { compress } from './commands/compress.ts';
import { evaluate } from './commands/evaluate.ts';
import { inspect } from './commands/inspect.ts';
import { writeFolder } from './files/write-folder.ts';
import { writeJson } from './files/write-model.ts';
import { writeParts } from './files/write-parts.ts';

const signal = new AbortController().signal;

let root: string;
let said = '';
const at = (...names: string[]) => join(root, ...names);

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lathe-part-'));
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    said += String(text);
    return true;
  });
  const folder = await tinyPartsFolder({
    'onnx/decoder_model.onnx': tinyDecoder(),
    'onnx/encoder_model.onnx': tinyEncoder(),
    'onnx/encoder_model_fp16.onnx': tinyEncoder(),
  });
  await writeFolder(at('parts'), folder.files);
});
beforeEach(() => {
  said = '';
});
afterAll(async () => {
  vi.restoreAllMocks();
  await rm(root, { recursive: true, force: true });
});

const filesIn = async (folder: string) =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name)
    .sort();

describe('a folder of several parts on the command line', () => {
  it('is listed whole, the opened part marked', async () => {
    await inspect([at('parts')]);
    expect(said).toMatch(/^\* {2}onnx\/decoder_model\.onnx +decoder +fp32/m);
    expect(said).toMatch(/^ {3}onnx\/encoder_model_fp16\.onnx +encoder +fp16/m);
    said = '';
    await inspect([at('parts'), '--part', 'encoder', '--json']);
    const facts = JSON.parse(said) as { part: string; parts: { path: string; bytes: number }[] };
    expect(facts.part).toBe('onnx/encoder_model.onnx');
    expect(facts.parts.map(({ path }) => path)).toEqual([
      'onnx/decoder_model.onnx',
      'onnx/encoder_model.onnx',
      'onnx/encoder_model_fp16.onnx',
    ]);
    expect(facts.parts[0].bytes).toBe((await readFile(at('parts', facts.parts[0].path))).length);
  });

  it('goes whole through one recipe into one folder, with one report', async () => {
    const out = at('all');
    const words = [at('parts'), '--recipe', 'q8', '--part', 'all', '--out', out];
    await compress([...words, '--report', at('r.json')], signal);
    expect(await filesIn(out)).toEqual([
      'README.md',
      'config.json',
      'decoder_model_quantized.onnx',
      'encoder_model_quantized.onnx',
      'lathe-report.decoder_model_quantized.json',
      'lathe-report.encoder_model_quantized.json',
      'tokenizer.json',
      'tokenizer_config.json',
    ]);
    expect(said).toMatch(/^all .*×$/m);
    const report = JSON.parse(await readFile(at('r.json'), 'utf8')) as {
      total: { bytesAfter: number };
      parts: { bytesAfter: number; report: { after: { bytes: number } } }[];
    };
    const sizes = report.parts.map((part) => part.report.after.bytes);
    expect(report.total.bytesAfter).toBe(sizes[0] + sizes[1]);
  });

  it('is refused when no part can be compressed, and when two places are given', async () => {
    await writeJson(at('recipe.json'), {
      version: 1,
      steps: [{ method: 'round-to-nearest', target: { tensors: ['nothing'] } }],
    });
    const words = [at('parts'), '--recipe', at('recipe.json'), '--part', 'all', '--out', at('no')];
    await expect(compress(words, signal)).rejects.toThrow(
      /^None of the 2 parts could be compressed\. onnx\/decoder_model\.onnx: .+ · onnx\/encoder_model\.onnx: /,
    );
    await expect(compress([...words, '--folder', at('f')], signal)).rejects.toThrow(
      'lathe compress of several parts writes one folder; give --out or --folder, not both.',
    );
    expect(await readdir(root)).not.toContain('no');
  });
});

describe('a narrower file of a part', () => {
  /** The same names and shapes, other numbers: as a broken conversion leaves them. */
  async function scrambled(bytes: Uint8Array): Promise<Uint8Array> {
    const model = await readModel(bytesSource(bytes));
    const initializers = model.graph.initializers.map((tensor) => {
      if (tensor.dataType !== DataType.float32 || tensor.dims.length < 2) return tensor;
      const length = tensor.dims.reduce((a, b) => a * b, 1);
      const data = Float32Array.from({ length }, (_, k) => 30 * Math.sin(12.9898 * (k + 1)));
      return makeTensor(tensor.name, tensor.dims, data);
    });
    return writeModel({ ...model, graph: { ...model.graph, initializers } });
  }

  it('is measured against the most precise one, and noise is called so', async () => {
    const { files } = await tinyDecoderFolder('gpt2 with cache, none yet');
    await writeFolder(at('gpt2'), files);
    const bytes = await readFile(at('gpt2', 'model.onnx'));
    await writeParts(at('gpt2', 'model_q4.onnx'), [await scrambled(new Uint8Array(bytes))]);
    const text = new TextEncoder().encode(wordText(200).documents[0]);
    await writeParts(at('gpt2', 'e.txt'), [text]);
    const words = [at('gpt2', 'model_q4.onnx'), '--data', at('gpt2', 'e.txt')];
    await evaluate(words, signal);
    expect(said).toContain('baseline model.onnx');
    expect(said).toMatch(
      /^verdict: "model_q4\.onnx" answers noise: its perplexity is \S+, no better than guessing among 40 tokens$/m,
    );
    said = '';
    await evaluate([...words, '--baseline', 'none'], signal);
    expect(said).not.toContain('baseline');
    said = '';
    await evaluate([at('gpt2', 'model.onnx'), '--data', at('gpt2', 'e.txt')], signal);
    expect(said).not.toContain('baseline');
  });
});
