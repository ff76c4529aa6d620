import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Metric } from '../../src/core/metrics/types.ts';
import type { Model } from '../../src/core/onnx/types.ts';
import { writeModel } from '../../src/core/onnx/write.ts';
import { shipSample } from '../samples/shelf.ts';
import type { Baseline, GalleryEntry, Material, Prepared, Result } from './entry.ts';
import { withHalfStorage } from './half-storage.ts';
import type { Train, TrainingRecord } from './trainer-contract.ts';

export interface RunOptions {
  readonly material: Material;
  readonly train: () => Promise<Train>;
  readonly log: (line: string) => void;
  /** Data and baselines only. */
  readonly baselinesOnly: boolean;
  readonly stopAfter?: number;
  /** Ship the best weights so far, whether or not the schedule is finished. */
  readonly shipNow: boolean;
}

const WORK = fileURLToPath(new URL('../../out/gallery/', import.meta.url));
const MOST_BYTES = 12e6;

/** Prepares, trains, measures and ships one model. Returns whether it is good enough to be shipped. */
export async function runGallery(entry: GalleryEntry, options: RunOptions): Promise<boolean> {
  const { log } = options;
  const prepared = await entry.prepare(options.material);
  for (const fact of prepared.facts) log(fact);
  const baselines = prepared.baselines();
  for (const { name, metric } of baselines) log(`${name}: ${written(metric)}`);
  if (options.baselinesOnly) return true;
  const train = await options.train();
  const folder = join(WORK, entry.name);
  const { model, record, finished } = await train(
    prepared.initial,
    prepared.data,
    prepared.config,
    {
      folder,
      log,
      keep: prepared.keep,
      stopAfter: options.stopAfter,
    },
  );
  log(`${record.steps} steps, ${record.labelsPerSecond} labels per second`);
  return finish(entry, prepared, baselines, { model, record, finished }, options);
}

async function finish(
  entry: GalleryEntry,
  prepared: Prepared,
  baselines: readonly Baseline[],
  trained: { readonly model: Model; readonly record: TrainingRecord; readonly finished: boolean },
  { log, shipNow }: RunOptions,
): Promise<boolean> {
  const plain = await writeModel(trained.model);
  const bytes = prepared.halfStorage
    ? await writeModel(await withHalfStorage(trained.model))
    : plain;
  const figure = await prepared.measure(bytes);
  const beforeStorage = prepared.halfStorage ? await prepared.measure(plain) : undefined;
  const verdict = prepared.judge(figure, baselines);
  log(verdict.sentence);
  if (beforeStorage) log(`stored as float32 it would be ${written(beforeStorage)}`);
  for (const line of (await prepared.show?.(bytes)) ?? []) log(line);
  if (bytes.length > MOST_BYTES)
    throw new Error(`The model takes ${bytes.length} bytes; at most ${MOST_BYTES} are shipped.`);
  if (!trained.finished && !shipNow) {
    log('The schedule is not finished, so nothing was shipped; run again to go on.');
    return false;
  }
  ship(prepared, bytes, { figure, baselines, record: trained.record, beforeStorage });
  log(`shipped as sample:${entry.name}, ${bytes.length} bytes`);
  return verdict.met;
}

function ship(prepared: Prepared, model: Uint8Array, result: Result): void {
  const { figure, baselines, record, beforeStorage } = result;
  shipSample(prepared.sample(result), {
    'model.onnx': model,
    ...prepared.files(result),
    'training.json': {
      json: {
        version: 1,
        config: prepared.config,
        data: prepared.facts,
        evaluation: figure,
        ...(beforeStorage && { evaluationBeforeFloat16: beforeStorage }),
        baselines,
        run: record,
      },
    },
  });
}

function written({ value, standardError, n }: Metric): string {
  return `${value.toFixed(4)} ± ${standardError.toFixed(4)} (n = ${n})`;
}
