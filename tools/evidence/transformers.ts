/**
 * Folders of the shared corpus, compressed by the command line and loaded as they are by transformers.js:
 * `npx tsx tools/evidence/transformers.ts`. Prints one line per folder and dtype: what it answered.
 */
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  AutoModelForImageClassification,
  AutoModelForSeq2SeqLM,
  AutoTokenizer,
  env,
  pipeline,
  Tensor,
  WhisperForConditionalGeneration,
} from '@huggingface/transformers';
import { compress } from '../../src/cli/commands/compress.ts';
import { writeParts } from '../../src/cli/files/write-parts.ts';
import { parseDataset } from '../../src/core/data/parse-dataset.ts';
import { readModel } from '../../src/core/onnx/read.ts';
import { bytesSource } from '../../src/core/onnx/source.ts';
import { writeModel } from '../../src/core/onnx/write.ts';
import { mergeDecoders } from './merge-decoders.ts';

const CORPUS = fileURLToPath(new URL('../../../shared/models/corpus/', import.meta.url));
const DTYPES = { q8: '_quantized', q4: '_q4' } as const;
type Dtype = keyof typeof DTYPES;

interface Entry {
  readonly title: string;
  readonly source: (work: string) => Promise<string>;
  /** Which parts go through the recipe; without it the folder's own. */
  readonly parts?: string;
  readonly answer: (name: string, dtype: Dtype) => Promise<string>;
}

const original = (name: string) => () => Promise.resolve(join(CORPUS, 'models', name));

/** What a cached decoder writes, greedily. */
const generation = (file?: string) => async (name: string, dtype: Dtype) => {
  // A part that could not be compressed lies there as it was.
  const made = existsSync(
    join(env.localModelPath, name, `onnx/${file ?? 'model'}${DTYPES[dtype]}.onnx`),
  );
  const options = {
    dtype: made ? dtype : ('fp32' as const),
    ...(file && { model_file_name: file }),
  };
  const write = await pipeline('text-generation', name, options);
  const found = await write('Call me', { max_new_tokens: 24, do_sample: false });
  return `${options.dtype}: ${JSON.stringify(found)}`;
};

const ENTRIES: Readonly<Record<string, Entry>> = {
  gpt2: { title: 'text by a cached decoder', source: original('gpt2'), answer: generation() },
  'gpt2-optimum': {
    title: 'text by a merged decoder',
    source: original('gpt2-optimum'),
    parts: 'all',
    answer: generation('decoder_model_merged'),
  },
  'bert-ner': {
    title: 'named entities',
    source: original('bert-ner'),
    answer: async (name, dtype) => {
      const tag = await pipeline('token-classification', name, { dtype });
      return JSON.stringify(await tag('Captain Ahab sailed from Nantucket with Starbuck.'));
    },
  },
  minilm: {
    title: 'embeddings',
    source: original('minilm'),
    answer: async (name, dtype) => {
      const embed = await pipeline('feature-extraction', name, { dtype });
      const texts = ['the whale swam', 'the white whale was swimming', 'the tax was raised'];
      const found = (await embed(texts, { pooling: 'mean', normalize: true })) as Floats;
      const [first, ...rest] = rowsOf(found);
      const cosines = rest.map((row) => row.reduce((sum, x, i) => sum + x * first[i], 0));
      return `${found.dims.join(' × ')}, cosine to the first ${cosines.map((c) => c.toFixed(4)).join(', ')}`;
    },
  },
  vit: {
    title: 'image classification',
    source: original('vit'),
    answer: async (name, dtype) => {
      const { arrays, labels } = await npz('digits28-evaluation.npz');
      const { data, dims } = arrays.pixel_values;
      const model = await AutoModelForImageClassification.from_pretrained(name, { dtype });
      const images = new Tensor('float32', Float32Array.from(data as Float32Array), [...dims]);
      const { logits } = (await model({ pixel_values: images })) as { logits: Floats };
      const right = rowsOf(logits)
        .map((row) => row.indexOf(Math.max(...row)))
        .filter((label, at) => label === labels?.[at]).length;
      return `${right} of ${dims[0]} digits right`;
    },
  },
  whisper: {
    title: 'text from speech features',
    source: original('whisper'),
    parts: 'encoder,decoder-merged',
    answer: async (name) => {
      const { arrays } = await npz('whisper-features-evaluation.npz');
      const { data, dims } = arrays.input_features;
      const size = dims[1] * dims[2];
      const one = Float32Array.from((data as Float32Array).slice(0, size));
      const input_features = new Tensor('float32', one, [1, dims[1], dims[2]]);
      const model = await WhisperForConditionalGeneration.from_pretrained(name);
      const out = (await model.generate({ input_features, max_new_tokens: 24 })) as Tensor;
      return decoded(name, out);
    },
  },
  t5: {
    title: 'translation, its two decoders merged as Optimum merges them',
    source: mergedT5,
    parts: 'encoder,decoder-merged',
    answer: async (name) => {
      const tokenizer = await AutoTokenizer.from_pretrained(name);
      const model = await AutoModelForSeq2SeqLM.from_pretrained(name);
      const inputs = tokenizer('the white whale') as Record<string, Tensor>;
      const out = (await model.generate({ ...inputs, max_new_tokens: 24 })) as Tensor;
      return decoded(name, out);
    },
  },
};

async function mergedT5(work: string): Promise<string> {
  const target = join(work, 't5-merged');
  const onnx = join(CORPUS, 'models/t5/onnx');
  await cp(join(CORPUS, 'models/t5'), target, { recursive: true });
  const [first, cached] = await Promise.all(
    ['decoder_model', 'decoder_with_past_model'].map(async (file) =>
      readModel(bytesSource(new Uint8Array(await readFile(join(onnx, `${file}.onnx`))))),
    ),
  );
  const bytes = await writeModel(mergeDecoders(first, cached));
  await writeParts(join(target, 'onnx/decoder_model_merged.onnx'), [bytes]);
  return target;
}

async function npz(name: string) {
  const bytes = new Uint8Array(await readFile(join(CORPUS, 'data', name)));
  const found = parseDataset({ name, bytes });
  if (found.kind !== 'examples') throw new Error(`${name} holds no arrays.`);
  return found;
}

/** A matrix of floats, as far as it is looked at here. */
interface Floats {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

function rowsOf({ dims: [rows, columns], data }: Floats): number[][] {
  return Array.from({ length: rows }, (_, at) => [
    ...data.subarray(at * columns, (at + 1) * columns),
  ]);
}

async function decoded(name: string, out: Tensor): Promise<string> {
  const ids = (out.tolist() as bigint[][])[0].map(Number);
  const tokenizer = await AutoTokenizer.from_pretrained(name);
  const text: unknown = tokenizer.decode(ids, { skip_special_tokens: true });
  return `${JSON.stringify(text)} (${ids.length} tokens)`;
}

/** Runs the command with its report kept off the screen. */
async function quietly(words: readonly string[]): Promise<string> {
  const write = process.stdout.write.bind(process.stdout);
  let said = '';
  process.stdout.write = (text: string) => {
    said += text;
    return true;
  };
  try {
    await compress(words, new AbortController().signal);
  } finally {
    process.stdout.write = write;
  }
  return said;
}

async function tryEntry(work: string, id: string, dtype: Dtype): Promise<string> {
  const { source, parts, answer, title } = ENTRIES[id];
  const name = `${id}-${dtype}`;
  const part = parts === undefined ? [] : ['--part', parts];
  const words = [await source(work), '--recipe', dtype, ...part];
  const said = await quietly([...words, '--folder', join(env.localModelPath, name)]);
  const left = said.split('\n').filter((line) => line.startsWith('left as it is'));
  return [`${id} ${dtype} · ${title}: ${await answer(name, dtype)}`, ...left].join('\n   ');
}

const work = await mkdtemp(join(tmpdir(), 'lathe-evidence-'));
env.allowRemoteModels = false;
env.localModelPath = join(work, 'out/');
await mkdir(env.localModelPath);
let failed = 0;
for (const id of Object.keys(ENTRIES)) {
  for (const dtype of Object.keys(DTYPES) as Dtype[]) {
    const line = await tryEntry(work, id, dtype).catch((error: unknown) => {
      failed++;
      return `${id} ${dtype} · FAILED: ${error instanceof Error ? error.message : String(error)}`;
    });
    process.stdout.write(`${line}\n`);
  }
}
await rm(work, { recursive: true, force: true });
process.exitCode = failed === 0 ? 0 : 1;
