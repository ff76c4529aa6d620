import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { env, pipeline } from '@huggingface/transformers';
import { lathe } from '../../corpus/lathe.ts';
import type { Lab } from '../../numbers/lab.ts';
import { attempt, type Check, type Line } from '../../numbers/types.ts';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const MATERIAL = process.env['LATHE_MATERIAL'] ?? join(ROOT, '../shared/models');

interface Source {
  readonly model: string;
  /** Part to compress, and the file that the library is told of. */
  readonly part?: string;
  readonly file?: string;
  /** Tokens to write: without a cache in the graph the library reads no more than the last one behind the first. */
  readonly tokens?: number;
}

/** GPT-2 with a cache: as one file of the shared corpus, else as the merged decoder that tests ship. */
function cachedDecoder(): Source {
  const whole = join(MATERIAL, 'corpus/models/gpt2');
  if (existsSync(whole)) return { model: whole };
  const file = 'decoder_model_merged';
  return {
    model: join(ROOT, 'test/fixtures/corpus/models/gpt2-optimum'),
    part: 'decoder-merged',
    file,
  };
}

const PROMPT = 'Once upon a time';

const PRODUCTS = { all: true, except: ['embedding', 'output-head'] };

const TEXTS: readonly (readonly [string, readonly object[]])[] = [
  ['ffn-neurons', [{ method: 'ffn-neurons', options: { ratio: 0.25 } }]],
  ['attention-heads', [{ method: 'attention-heads', options: { ratio: 0.25 } }]],
  ['blocks', [{ method: 'blocks', options: { count: 1 } }]],
  ['hidden-width', [{ method: 'hidden-width', options: { ratio: 0.1 } }]],
  ['svd', [{ method: 'svd', target: PRODUCTS }]],
  ['activation-svd', [{ method: 'activation-svd', target: PRODUCTS }]],
  [
    'lora kept beside',
    [{ method: 'lora', target: 'attention', options: { steps: 2, rank: 2, result: 'adapter' } }],
  ],
  ['sparse-packed wanda', [{ method: 'wanda', target: PRODUCTS, options: { store: 'packed' } }]],
  [
    'neurons, healed, 4 bits',
    [
      { method: 'ffn-neurons', options: { ratio: 0.25 } },
      { method: 'heal', options: { steps: 4 } },
      { method: 'gptq', target: PRODUCTS, options: { bits: 4, blockSize: 32 } },
    ],
  ],
];

export const exported: Line = {
  number: 8,
  claim:
    'Exported folders load with @huggingface/transformers and generate text; so do the LoRA and low-rank forms',
  checks: async function* (lab) {
    env.allowRemoteModels = false;
    env.localModelPath = join(lab.scratch, 'exported/');
    await rm(env.localModelPath, { recursive: true, force: true });
    await mkdir(env.localModelPath, { recursive: true });
    for (const [title, steps] of TEXTS) yield await writes(lab, title, cachedDecoder(), steps);
    // Every one of gpt2's 257 bytes is needed: a tokenizer of pieces has some to spare.
    const fewer = [{ method: 'vocabulary' }];
    yield await writes(lab, 'vocabulary', { model: 'sample:stories', tokens: 1 }, fewer);
    const mail = { method: 'ffn-neurons', options: { ratio: 0.5 } };
    yield await classifies(lab, 'mail', [mail]);
  },
};

/** Through the command line into a folder; gives its name. */
async function exportedTo(
  lab: Lab,
  title: string,
  { model, part }: Source,
  steps: readonly object[],
) {
  const name = title.replaceAll(/\W+/g, '-');
  const recipe = join(lab.scratch, `${name}.json`);
  const calibration = { data: 'training', samples: 16, length: 64 };
  await writeFile(recipe, JSON.stringify({ version: 1, seed: 1, calibration, steps }));
  const data = model.startsWith('sample:') ? model : 'sample:stories';
  const words = [
    'compress',
    model,
    '--recipe',
    recipe,
    '--data',
    data,
    '--folder',
    join(env.localModelPath, name),
  ];
  const ended = await lathe(
    ...words,
    '--no-measure',
    ...(part === undefined ? [] : ['--part', part]),
  );
  if (ended.code !== 0) throw new Error(ended.sentence);
  return name;
}

/** What the library is told of the exported file: a dtype of its own, or a name. */
async function optionsFor(name: string, file: string) {
  const names = await readdir(join(env.localModelPath, name, 'onnx'));
  const made = names.find((each) => each.startsWith(file) && each.endsWith('.onnx')) ?? '';
  const word = made.slice(file.length + 1, -'.onnx'.length);
  if (word === 'q4' || word === 'q4f16') return { dtype: word, model_file_name: file } as const;
  return { dtype: 'fp32', model_file_name: made.slice(0, -'.onnx'.length) } as const;
}

function writes(lab: Lab, title: string, source: Source, steps: readonly object[]): Promise<Check> {
  return attempt(`${basename(source.model)}, ${title}: writes in transformers.js`, async () => {
    const name = await exportedTo(lab, title, source, steps);
    const options = await optionsFor(name, source.file ?? 'model');
    const write = await pipeline('text-generation', name, options);
    const found = (await write(PROMPT, {
      max_new_tokens: source.tokens ?? 16,
      do_sample: false,
    })) as readonly {
      readonly generated_text: string;
    }[];
    const [{ generated_text: text }] = found;
    return { found: JSON.stringify(text), holds: text.length > PROMPT.length };
  });
}

function classifies(lab: Lab, title: string, steps: readonly object[]): Promise<Check> {
  return attempt('mail, ffn-neurons 50 %: classifies in transformers.js', async () => {
    const name = await exportedTo(lab, title, { model: 'sample:mail' }, steps);
    const judge = await pipeline('text-classification', name, await optionsFor(name, 'model'));
    const found = await judge('Earn money fast, click here now!');
    const text = JSON.stringify(found);
    return { found: text, holds: text.includes('score') };
  });
}
