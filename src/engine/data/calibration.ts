import { bytesOf } from '../../core/data/fingerprint.ts';
import { takeBranch } from '../../core/onnx/branches/take-branch.ts';
import type { Dataset, TokenWindow } from '../../core/data/types.ts';
import { rowWindows } from '../../core/data/windows.ts';
import { seededRandom } from '../../core/random/seeded.ts';
import { shuffled } from '../../core/random/shuffle.ts';
import type { Calibration } from '../../core/recipe/types.ts';
export { DEFAULT_CALIBRATION } from '../../core/recipe/default-calibration.ts';
import type { CaptureBatch, CaptureBatches } from '../../runtime/capture.ts';
import { languageFeeds, realPositions } from '../../runtime/feeds.ts';
import type { LabelledBatches } from '../../runtime/looks/collect-gradients.ts';
import { inputPorts } from '../../runtime/ports.ts';
import type { PortInfo, Runtime } from '../../runtime/types.ts';
import { pairCalibration } from '../encoder-decoder/calibration.ts';
import { sha256Of } from '../hash.ts';
import type { OpenModel } from '../model/open.ts';
import { examplesFrom, predictsText, windowLength, windowsOf } from './batches.ts';
import { batchSize, fixedBatch } from './batch-size.ts';
import { groupsOf, type Examples } from './examples.ts';
import { steppedBatches, steppedCache, steppedRuns, windowGroups } from './stepped-calibration.ts';
import { tokenRows } from './token-rows.ts';

/** Runs over calibration data, any number of times. */
export interface CalibrationRuns {
  /** Hash of exactly what methods will look at. */
  readonly sha256: string;
  readonly batchCount: number;
  batches(): CaptureBatches;
  /** The same data with its labels, for looks at gradients; where nothing looks at them, absent. */
  readonly labelled?: LabelledBatches;
}

/** Calibration data cut, chosen and ready to run. */
export interface CalibrationData extends CalibrationRuns {
  batches(): Iterable<CaptureBatch>;
}

/** Windows that run together: more gain little, and activations of a batch are held at once. */
export const WINDOWS_PER_BATCH = 4;
const EXAMPLES_PER_BATCH = 32;

/** What the calibrated model asks for: of a merged decoder the branch without a cache, which alone is looked at. */
function portsOf({ model }: OpenModel): PortInfo[] {
  return inputPorts(takeBranch(model));
}

/** Chooses `samples` windows or examples by the recipe's seed, and hashes the choice. */
export async function calibrationData(
  open: OpenModel,
  dataset: Dataset,
  calibration: Pick<Calibration, 'samples' | 'length'>,
  seed: number,
): Promise<CalibrationData> {
  const windows = windowsIn(open, dataset, windowLength(open, calibration.length));
  return windows === undefined
    ? exampleCalibration(open, examplesFrom(open, dataset, calibration), calibration.samples, seed)
    : tokenCalibration(open, chosenWindows(windows, calibration, seed));
}

/**
 * The same for a model that is run on `runtime`: a decoder that takes a fixed number of tokens behind its cache reads
 * the windows there, to fill it, and the encoder of a decoder its sources.
 */
export async function calibrationOn(
  runtime: () => Promise<Runtime>,
  open: OpenModel,
  dataset: Dataset,
  calibration: Pick<Calibration, 'samples' | 'length'>,
  seed: number,
): Promise<CalibrationRuns> {
  const pairs = await pairCalibration(open, dataset, { ...calibration, seed }, runtime);
  if (pairs !== undefined) return pairs;
  const cache = steppedCache(open);
  const windows = cache && windowsIn(open, dataset, windowLength(open, calibration.length));
  if (cache === undefined || windows === undefined)
    return calibrationData(open, dataset, calibration, seed);
  const chosen = chosenWindows(windows, calibration, seed).map(({ ids }) => ids);
  const groups = windowGroups(chosen, batchSize(inputPorts(open.model), WINDOWS_PER_BATCH));
  return {
    sha256: await sha256Of(chosen.map((ids) => bytesOf(ids))),
    batchCount: steppedRuns(open, groups),
    async *batches() {
      yield* steppedBatches(open, cache, groups, await runtime());
    },
  };
}

/** A text's windows, or rows of tokens where arrays alone would not do: of different lengths, or without a mask. */
function windowsIn(open: OpenModel, dataset: Dataset, length: number): TokenWindow[] | undefined {
  if (dataset.kind === 'pairs') return undefined;
  if (dataset.kind === 'text') {
    return predictsText(open, dataset) ? windowsOf(open, dataset, { length }) : undefined;
  }
  const complete = portsOf(open).every(({ name }) => Object.hasOwn(dataset.arrays, name));
  if (complete && dataset.ragged === undefined) return undefined;
  const rows = tokenRows(open, dataset);
  return rows && rowWindows(dataset.name, rows, length);
}

function chosenWindows(
  windows: readonly TokenWindow[],
  { samples }: Pick<Calibration, 'samples'>,
  seed: number,
): TokenWindow[] {
  return shuffled(windows, seededRandom(seed, 'calibration')).slice(0, samples);
}

async function tokenCalibration(
  open: OpenModel,
  windows: readonly TokenWindow[],
): Promise<CalibrationData> {
  const ports = portsOf(open);
  const size = batchSize(ports, WINDOWS_PER_BATCH);
  return {
    sha256: await sha256Of(windows.map(({ ids }) => bytesOf(ids))),
    batchCount: Math.ceil(windows.length / size),
    *batches() {
      for (let from = 0; from < windows.length; from += size) {
        const batch = { windows: windows.slice(from, from + size).map(({ ids }) => ids) };
        yield { feeds: languageFeeds(ports, batch), mask: realPositions(batch) };
      }
    },
  };
}

async function exampleCalibration(
  open: OpenModel,
  examples: Examples,
  samples: number,
  seed: number,
): Promise<CalibrationData> {
  const ports = portsOf(open);
  const fixed = fixedBatch(ports);
  const size = fixed ?? Math.min(EXAMPLES_PER_BATCH, examples.together ?? Infinity);
  const order = shuffled(
    Array.from({ length: examples.count }, (_, i) => i),
    seededRandom(seed, 'calibration'),
  ).slice(0, samples);
  const groups = groupsOf(order, size, fixed !== undefined);
  // A group that was filled up would count its first example more often than the others.
  const whole = groups.filter(({ indices, count }) => indices.length === count);
  const chosen = whole.length > 0 ? whole : groups;
  const batchOf = (indices: readonly number[]) => examples.batch(ports, indices);
  return {
    sha256: await sha256Of(Object.values(batchOf(order).feeds).map(({ data }) => bytesOf(data))),
    batchCount: chosen.length,
    *batches() {
      for (const { indices } of chosen) yield batchOf(indices);
    },
  };
}
