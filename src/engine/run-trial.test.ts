import { beforeAll, describe, expect, it } from 'vitest';
import { recipe, sampleModel, testHost } from '../../test/support/sample.ts';
import type { Dataset, TextDataset } from '../core/data/types.ts';
import { CancelledError } from '../core/errors/lathe-error.ts';
import { pairedDifference } from '../core/metrics/paired-difference.ts';
import { planRecipe } from '../core/recipe/plan.ts';
import type { Recipe } from '../core/recipe/types.ts';
import type { Host } from './host.ts';
import { ownData } from './data/read.ts';
import { openModel, type OpenModel } from './model/open.ts';
import { readWritten, writtenSha256 } from './model/written.ts';
import type { ProgressEvent } from './progress.ts';
import { runTrial } from './run-trial.ts';
import { MemoryStorage } from './storage/memory.ts';
import { TrialStore } from './trials/store.ts';
import { eachEstimate } from '../core/report/each.ts';
import { readEmbedded } from '../core/report/embed.ts';
import { reportSchema } from '../core/report/schema.ts';
import type { Report } from '../core/report/types.ts';

const ROUND = { method: 'round-to-nearest', target: 'feed-forward', options: { bits: 8 } };
const GPTQ = { method: 'gptq', target: { blocks: [0], role: 'attention' }, options: { bits: 4 } };

let stories: OpenModel;
let calibration: TextDataset;
let evaluation: TextDataset;

beforeAll(async () => {
  stories = await openModel(await sampleModel('stories'));
  calibration = await text('calibration', 12);
  evaluation = await text('evaluation', 2);
});

async function text(purpose: 'calibration' | 'evaluation', documents: number) {
  const dataset = await ownData(stories, purpose);
  if (dataset?.kind !== 'text') throw new Error(`the sample has no ${purpose}`);
  const short = dataset.documents.slice(0, documents).map((document) => document.slice(0, 120));
  return { ...dataset, documents: short };
}

interface Run {
  readonly host?: Host;
  readonly calibration?: Dataset;
  readonly signal?: AbortSignal;
  readonly progress?: (event: ProgressEvent) => void;
}

function run(steps: Recipe, options: Run = {}) {
  const { host = testHost(), progress = () => {}, signal } = options;
  const data = { calibration: options.calibration ?? calibration, evaluation };
  return runTrial(host, { open: stories, recipe: steps, ...data }, { signal, progress });
}

/** What each window came to gives the difference of the report again. */
function expectPaired(evaluation: Report['evaluation'], metric: 'perplexity' | 'accuracy'): void {
  const each = evaluation?.each;
  const [before, after] = [each && eachEstimate(each, 'original'), each && eachEstimate(each)];
  if (before === undefined || after === undefined) throw new Error('nothing was kept of each');
  const wanted = evaluation?.difference[metric];
  const found = pairedDifference(before, after);
  expect(Math.abs(found.value / (wanted?.value ?? NaN) - 1)).toBeLessThan(1e-6);
  expect(Math.abs(found.standardError / (wanted?.standardError ?? NaN) - 1)).toBeLessThan(1e-6);
  expect(found.n).toBe(wanted?.n);
}

const sha = async (...args: Parameters<typeof run>) => (await run(...args)).report?.outputSha256;

describe('a trial of the stories sample', () => {
  it('gives the same bytes twice, exactly as many as forecast, with its recipe inside', async () => {
    const host = testHost();
    const wanted = recipe(ROUND, GPTQ);
    const events: ProgressEvent[] = [];
    const { report, id } = await run(wanted, { host, progress: (event) => events.push(event) });
    const store = new TrialStore(host.storage);
    const written = await store.written(id);
    expect(report?.verified).toBe(true);
    expect(report?.scores).toBe('quality');
    expect(report?.forecastBytes).toBe(written.file.byteLength);
    expect(report?.after.bytes).toBe(written.file.byteLength);
    expect(report?.outputSha256).toBe(await writtenSha256(written));
    expect((await planRecipe(stories.model, stories.anatomy, wanted)).bytes).toBe(
      written.file.byteLength,
    );
    expect(readEmbedded(await readWritten(written))?.recipe).toEqual(wanted);
    expect(report?.evaluation?.compressed.kl?.value).toBeGreaterThan(0);
    expectPaired(report?.evaluation, 'perplexity');
    expect(JSON.stringify(report?.evaluation?.each).length).toBeLessThan(200);
    const embedded = readEmbedded(await readWritten(written))?.report;
    expect(embedded).not.toHaveProperty('evaluation');
    const { short, long } = report?.latency.wasm ?? {};
    expect([short?.tokens, long?.tokens]).toEqual([16, 256]);
    expect(short?.compressed.n).toBeGreaterThan(0);
    expect(long?.original.median).toBeGreaterThan(short?.original.median ?? Infinity);
    expect(report?.layers.some((l) => l.baselineRelativeError !== undefined)).toBe(true);
    expect((await store.list()).map((trial) => trial.id)).toEqual([id]);
    expect(await host.storage.list('drafts')).toEqual([]);
    expect(events.at(-1)?.fraction).toBe(1);
    expect(await sha(wanted)).toBe(report?.outputSha256);
  });

  it('re-runs only the last step when only that changed, with the bytes of a cold run', async () => {
    const host = testHost();
    await run(recipe(ROUND, GPTQ), { host });
    const changed = recipe(ROUND, { ...GPTQ, options: { bits: 4, blockSize: 16 } });
    const details: (string | undefined)[] = [];
    const warm = await sha(changed, { host, progress: ({ detail }) => details.push(detail) });
    expect(details[0]).toBe('kept from an earlier run');
    expect(details.filter((detail) => detail === details[0])).toHaveLength(1);
    expect(warm).toBe(await sha(changed));
  });

  it('keeps no stage that nobody could take up, where the storage goes with the run', async () => {
    const host = { ...testHost(), temporary: true };
    const wanted = recipe(ROUND, GPTQ);
    const { report } = await run(wanted, { host });
    expect(await host.storage.list('stages')).toHaveLength(2);
    expect(await sha(wanted, { host })).toBe(report?.outputSha256);
    const other = testHost();
    await run(wanted, { host: other });
    expect(await other.storage.list('stages')).toHaveLength(4);
  });

  it('depends on its calibration, where a method looks at it', async () => {
    const other = { ...calibration, documents: [...calibration.documents].reverse().slice(0, 5) };
    expect(await sha(recipe(GPTQ), { calibration: other })).not.toBe(await sha(recipe(GPTQ)));
    expect(await sha(recipe(ROUND), { calibration: other })).toBe(await sha(recipe(ROUND)));
  });

  it('refuses before it starts: no calibration, and a device that is too small', async () => {
    const hooks = { progress: () => expect.fail('it must not start') };
    const input = { open: stories, recipe: recipe(GPTQ), evaluation };
    await expect(runTrial(testHost(), input, hooks)).rejects.toThrow(
      'GPTQ looks at what flows through the model, but no calibration data was given; choose a text or example file, or take a method that needs none.',
    );
    const small = { ...testHost(), memoryLimit: 1e5 };
    await expect(run(recipe(GPTQ), { host: small })).rejects.toMatchObject({
      code: 'memory-too-small',
    });
  });
});

describe('a cancelled trial', () => {
  /** Cancels at the first event that `when` picks; after it at most one more layer is heard of. */
  async function cancelAt(host: Host, steps: Recipe, when: (event: ProgressEvent) => boolean) {
    const controller = new AbortController();
    const after = new Set<string | undefined>();
    const progress = (event: ProgressEvent) => {
      if (controller.signal.aborted) after.add(event.detail);
      else if (when(event)) controller.abort(new CancelledError());
    };
    await expect(run(steps, { host, signal: controller.signal, progress })).rejects.toMatchObject({
      code: 'cancelled',
    });
    expect(after.size).toBeLessThanOrEqual(1);
    expect(await new TrialStore(host.storage).list()).toEqual([]);
    expect(await host.storage.list('trials')).toEqual([]);
    expect(await host.storage.list('drafts')).toEqual([]);
  }

  it('leaves no trial and no draft, keeps finished stages, and goes on to the same bytes', async () => {
    const host = testHost();
    const steps = recipe(ROUND, GPTQ);
    await cancelAt(host, steps, ({ stage, fraction }) => stage === 'GPTQ' && fraction > 0);
    const stages = await host.storage.list('stages');
    expect(stages).toHaveLength(2);
    await cancelAt(host, steps, ({ stage }) => stage === 'Measuring');
    expect(await host.storage.list('stages')).toEqual(expect.arrayContaining([...stages]));
    expect(await host.storage.list('stages')).toHaveLength(4);
    expect(await sha(steps, { host })).toBe(await sha(steps));
  });

  it('does not even start when it was cancelled before', async () => {
    const host = testHost();
    const signal = AbortSignal.abort();
    await expect(run(recipe(ROUND), { host, signal })).rejects.toMatchObject({ code: 'cancelled' });
    expect(await host.storage.list('stages')).toEqual([]);
  });
});

describe('a full storage', () => {
  class FullStorage extends MemoryStorage {
    full: (path: string) => boolean = () => false;

    override async write(...[path, parts]: Parameters<MemoryStorage['write']>): Promise<void> {
      if (this.full(path)) throw new Error('the storage is full');
      await super.write(path, parts);
    }
  }

  it('loses nothing that was finished, and lists nothing that was not', async () => {
    const storage = new FullStorage();
    const host = testHost(storage);
    const store = new TrialStore(storage);
    const first = await run(recipe(ROUND), { host });
    const before = await storage.list('trials');
    for (const place of ['drafts/', 'trials/']) {
      storage.full = (path) => path.startsWith(place);
      await expect(run(recipe(ROUND, GPTQ), { host })).rejects.toThrow('the storage is full');
      expect((await store.list()).map(({ id }) => id)).toEqual([first.id]);
      expect(await storage.list('drafts')).toEqual([]);
    }
    expect(await storage.list('trials')).toEqual(before);
  });

  it('only costs the stage cache', async () => {
    const storage = new FullStorage();
    storage.full = (path) => path.startsWith('stages/');
    expect(await sha(recipe(ROUND), { host: testHost(storage) })).toBe(await sha(recipe(ROUND)));
    expect(await storage.list('stages')).toEqual([]);
  });
});

describe('other models', () => {
  it('measures a classifier by accuracy, with the examples that flipped', async () => {
    const open = await openModel(await sampleModel('digits'));
    const data = await ownData(open, 'evaluation');
    const steps = recipe({ method: 'round-to-nearest', options: { bits: 4 } });
    const input = { open, recipe: steps, ...(data && { evaluation: data }) };
    const { report } = await runTrial(testHost(), input, { progress: () => {} });
    expect(open.task).toBe('classifier');
    expect(report?.scores).toBe('quality');
    expect(report?.evaluation?.original.accuracy?.value).toBeCloseTo(0.8085, 3);
    expect(report?.evaluation?.compressed.agreement?.value).toBeGreaterThan(0.5);
    expect(report?.verified).toBe(true);
    expectPaired(report?.evaluation, 'accuracy');
    const { answers } = report?.evaluation ?? {};
    const same = answers?.original.filter((value, at) => value === answers.compressed[at]);
    expect((same?.length ?? 0) / 2000).toBe(report?.evaluation?.compressed.agreement?.value);
    expect(answers?.expected).toHaveLength(2000);
    expect(reportSchema.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
  });

  it('calls scores on made-up inputs fidelity', async () => {
    const input = { open: stories, recipe: recipe(ROUND) };
    const { report } = await runTrial(testHost(), input, { progress: () => {} });
    expect(report?.scores).toBe('fidelity');
    expect(report?.evaluation?.protocol).toMatch(/made-up inputs/);
    expect(report?.evaluation?.compressed.perplexity).toBeUndefined();
    expect(report?.evaluation?.compressed.relativeError?.value).toBeGreaterThan(0);
  });
});
