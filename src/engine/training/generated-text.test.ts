import { describe, expect, it } from 'vitest';
import { sampleModel, testHost } from '../../../test/support/sample.ts';
import type { TextDataset } from '../../core/data/types.ts';
import { parseObjective } from '../../core/recipe/objective.ts';
import { generate } from '../../runtime/generate.ts';
import { createNodeRuntime } from '../../runtime/ort-node.ts';
import type { Runtime } from '../../runtime/types.ts';
import { ownData } from '../data/read.ts';
import { openModel } from '../model/open.ts';
import { runTrial } from '../run-trial.ts';
import { MemoryStorage } from '../storage/memory.ts';
import { generatedTexts, type Writing } from './generated-text.ts';
import { generatedData } from './packed-text.ts';

const open = await openModel(await sampleModel('stories'));
const stories = await ownData(open, 'calibration');
if (stories?.kind !== 'text') throw new Error('The stories sample has texts.');
const texts: TextDataset = { ...stories, documents: stories.documents.slice(0, 12) };
const native = await createNodeRuntime({ threads: 1 });

const GENERATION = { count: 6, promptTokens: 4, temperature: 1 };
const QUIET = { progress: () => {} };

function writing(changes: Partial<Writing> = {}): Writing {
  const storage = new MemoryStorage();
  const generation = GENERATION;
  return { open, texts, generation, length: 24, seed: 3, runtime: native, storage, ...changes };
}

const plain = (written: readonly Int32Array[]) => written.map((ids) => [...ids]);

describe('text that a language model writes', () => {
  it('is decided by seed, options and beginnings, each text by itself', async () => {
    const written = plain(await generatedTexts(writing(), QUIET));
    expect(plain(await generatedTexts(writing(), QUIET))).toEqual(written);
    expect(plain(await generatedTexts(writing({ seed: 4 }), QUIET))).not.toEqual(written);
    const longer = writing({ generation: { ...GENERATION, count: 9 } });
    expect(plain(await generatedTexts(longer, QUIET)).slice(0, 6)).toEqual(written);
    const beginnings = texts.documents.map((text) => open.tokenizer?.encode(text).slice(0, 4));
    for (const ids of written) {
      expect(ids[0]).toBe(open.tokenizer?.bos);
      expect(beginnings).toContainEqual(ids.slice(1, 5));
      expect(ids.length).toBeLessThanOrEqual(24);
    }
  });

  it('is the likeliest continuation at temperature 0', async () => {
    const greedy = { ...GENERATION, count: 2, temperature: 0 };
    const written = plain(await generatedTexts(writing({ generation: greedy }), QUIET));
    const session = await native.open(open.model);
    for (const ids of written) {
      const steps = await generate(session, ids.slice(0, 5), { tokens: 19, contextLength: 512 });
      expect(ids.slice(5)).toEqual(steps.map(({ id }) => id).slice(0, ids.length - 5));
    }
    await session.release();
  });

  it('stops at once when cancelled, and what was finished is not written again', async () => {
    const long = writing({ length: 16, together: 4, generation: { ...GENERATION, count: 12 } });
    const controller = new AbortController();
    const told: string[] = [];
    const running = generatedTexts(long, {
      signal: controller.signal,
      progress: (_fraction, detail = '') => {
        told.push(detail);
        if (detail.startsWith('writing text 6 ')) controller.abort();
      },
    });
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
    expect(told.at(-1)).toBe('writing text 6 of 12');
    expect(told[0]).toBe('writing text 1 of 12');
    let runs = 0;
    const counting: Runtime = {
      ...native,
      open: async (model) => {
        const session = await native.open(model);
        return {
          ...session,
          release: () => session.release(),
          run: (...args) => (runs++, session.run(...args)),
        };
      },
    };
    const again = plain(await generatedTexts({ ...long, runtime: counting }, QUIET));
    // 16 − 5 tokens for each of the two groups that were not finished.
    expect(runs).toBeLessThanOrEqual(22);
    expect(runs).toBeGreaterThan(0);
    runs = 0;
    expect(plain(await generatedTexts({ ...long, runtime: counting }, QUIET))).toEqual(again);
    expect(runs).toBe(0);
  }, 60_000);

  it('needs something to begin with', async () => {
    const { tokenizer } = open;
    if (tokenizer === undefined) throw new Error('The stories sample has a tokenizer.');
    const startless = { ...open, tokenizer: { ...tokenizer, bos: undefined } };
    const empty: TextDataset = { ...texts, name: 'empty.txt', documents: [''] };
    await expect(generatedTexts(writing({ open: startless, texts: empty }), QUIET)).rejects.toThrow(
      'The data "empty.txt" holds no text to take beginnings from, and the tokenizer has no start token; choose a text.',
    );
  });

  it('is packed like any text, and judged on what was kept aside of the user’s own', async () => {
    const shape = { batch: 2, length: 16 };
    const written = [Int32Array.from({ length: 30 }, (_, i) => i), Int32Array.of(30, 31, 32, 33)];
    const data = await generatedData(open, texts, written, shape);
    expect(data.count).toBe(2);
    const ports = [{ name: 'input_ids', dataType: 7, dims: ['b', 's'] }];
    const { input_ids: ids, 'train.labels': labels } = data.batch(0, ports, 1);
    const rows = [0, 1].map((row) => [...ids.data.slice(16 * row, 16 * (row + 1))].map(Number));
    expect(rows.map(([first]) => first).sort()).toEqual([0, 16]);
    expect([...labels.data].map(Number)).toEqual(rows.flat().map((id) => id + 1));
    const [held] = data.validation(ports);
    expect([...held.feeds['input_ids'].data].map(Number)).not.toEqual(rows.flat());
    await expect(generatedData(open, texts, [Int32Array.of(1, 2)], shape)).rejects.toThrow(
      'The original wrote 2 tokens in 1 texts, which is no whole sequence of 16; ask for more texts, or for shorter sequences.',
    );
  });
});

const TERMS = { labels: 1, logits: 0 };

function distill(options: object, dataset: TextDataset = texts) {
  const recipe = parseObjective(
    {
      version: 1,
      seed: 5,
      length: 24,
      method: 'distill',
      options: {
        ...{ student: 'shallow', ratio: 0.6, data: 'generated', count: 12, promptTokens: 4 },
        ...{ steps: 16, batchSize: 4, learningRate: 3e-3, warmup: 2, validateEvery: 8 },
        ...TERMS,
        ...options,
      },
    },
    'd',
  );
  const host = { ...testHost(), runtime: async () => native };
  return runTrial(host, { open, recipe, calibration: dataset }, QUIET);
}

describe('black-box distillation', () => {
  it('learns from the teacher’s words alone: the loss on its other writing falls', async () => {
    const other = writing({ seed: 11, length: 40, generation: { ...GENERATION, count: 16 } });
    const documents = (await generatedTexts(other, QUIET)).map(
      (ids) => open.tokenizer?.decode([...ids]) ?? '',
    );
    const teachers: TextDataset = { kind: 'text', name: 'teacher.txt', documents };
    const { report } = await distill({}, teachers);
    const record = report?.training?.[0];
    const { before, after, generated } = record ?? {};
    expect(after?.value).toBeLessThan((before?.value ?? 0) - 0.3);
    expect(generated?.texts).toBe(12);
    expect(generated?.tokens).toBeGreaterThan(12 * 12);
    expect(generated?.tokens).toBeLessThanOrEqual(12 * 24);
  }, 60_000);

  it('refuses a look at anything else of the teacher, and learning from nothing', async () => {
    await expect(distill({ logits: 1 })).rejects.toThrow(
      'A student of generated text sees nothing of its teacher but the words it wrote; set the weights of the teacher’s answers, the hidden states, the attention maps and the relations to 0, or the text to learn from to "own".',
    );
    await expect(distill({ labels: 0 })).rejects.toThrow(
      'A student of generated text learns the words that its teacher wrote, and these are the labels; give the labels a weight above 0.',
    );
    const digits = await openModel(await sampleModel('digits'));
    const calibration = await ownData(digits, 'calibration');
    const options = { ...TERMS, data: 'generated' };
    const recipe = parseObjective({ version: 1, method: 'distill', options }, 'd');
    await expect(
      runTrial(testHost(), { open: digits, recipe, calibration }, QUIET),
    ).rejects.toThrow(
      'Only a language model can write the text to learn from, and "digits" is none; set the text to learn from to "own".',
    );
    const { graph } = open.model;
    const [input] = graph.inputs;
    const dims = [{ symbol: 'batch' }, { value: 32 }];
    const inputs = [{ ...input, type: input.type && { ...input.type, dims } }];
    const fixed = { ...open, model: { ...open.model, graph: { ...graph, inputs } } };
    const black = parseObjective({ version: 1, length: 32, method: 'distill', options }, 'd');
    await expect(
      runTrial(testHost(), { open: fixed, recipe: black, calibration: texts }, QUIET),
    ).rejects.toThrow(
      'The model "stories" takes exactly 32 tokens at a time, so it cannot write a text token by token; export it with a dynamic length, or set the text to learn from to "own".',
    );
  });
});
