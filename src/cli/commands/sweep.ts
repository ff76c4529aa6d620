import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dataset } from '../../core/data/types.ts';
import { CancelledError, LatheError } from '../../core/errors/lathe-error.ts';
import { gridPoints, type GridPoint } from '../../core/search/grid.ts';
import { sha256OfDataset, sha256OfJson } from '../../engine/hash.ts';
import type { Host } from '../../engine/host.ts';
import type { OpenModel } from '../../engine/model/open.ts';
import { runTrial } from '../../engine/run-trial.ts';
import { TOOL } from '../../engine/tool.ts';
import { TrialStore } from '../../engine/trials/store.ts';
import { commandArguments, requiredText, type CommandArguments } from '../arguments.ts';
import { readData } from '../data.ts';
import { prepareFolder } from '../files/output.ts';
import { explainWriteError } from '../files/write-errors.ts';
import { writeJson } from '../files/write-model.ts';
import { chosenDevice, DEVICE_OPTIONS, deviceFor, weightBytes } from '../device.ts';
import { withHost } from '../host.ts';
import { openArgument } from '../open-argument.ts';
import { formatBytes, formatMetric, printLine } from '../print.ts';
import { PART_OPTION } from '../part.ts';
import { progressLine } from '../progress-line.ts';
import { frontierOf } from '../sweep/frontier.ts';
import { isDone, TrialLog, type DoneLine, type TrialLine } from '../sweep/trial-log.ts';

const OPTIONS = {
  ...PART_OPTION,
  grid: 'string',
  data: 'string',
  eval: 'string',
  out: 'string',
  ...DEVICE_OPTIONS,
  task: 'string',
} as const;

/** What all trials of a sweep share. */
interface Sweep {
  readonly open: OpenModel;
  readonly calibration: Dataset;
  readonly evaluation: Dataset;
  readonly log: TrialLog;
  readonly signal: AbortSignal;
}

interface NamedPoint extends GridPoint {
  readonly id: string;
}

/** `lathe sweep`: every recipe of a grid; takes up where it was stopped. */
export async function sweep(argv: readonly string[], signal: AbortSignal): Promise<void> {
  const args = commandArguments('sweep', argv, OPTIONS, ['grid', 'data', 'eval', 'out']);
  const device = chosenDevice(args);
  const folder = requiredText(args, 'out');
  const grid = gridPoints(await readGrid(requiredText(args, 'grid')));
  const job = await openSweep(args, folder, signal);
  const points = await named(job, grid);
  const known = new Map((await job.log.read()).map((line) => [line.id, line]));
  // Written first too: a folder that was copied or cut short has a frontier that fits its trials.
  const finished = () => points.flatMap(({ id }) => doneLine(known.get(id)));
  const keepFrontier = () => writeJson(join(folder, 'frontier.json'), frontierOf(finished()));
  await keepFrontier();
  await withHost(deviceFor(device, weightBytes(job.open.model)), async (host) => {
    for (const [index, point] of points.entries()) {
      if (doneLine(known.get(point.id)).length > 0) continue;
      progress(point, index, points.length);
      const line = await runPoint(host, job, point);
      await job.log.append(line);
      known.set(point.id, line);
      await keepFrontier();
    }
  });
  for (const { id } of points) printTrial(known.get(id));
}

async function openSweep(
  args: CommandArguments,
  folder: string,
  signal: AbortSignal,
): Promise<Sweep> {
  const open = await openArgument(args);
  const calibration = await readData(open, requiredText(args, 'data'), 'calibration');
  const evaluation = await readData(open, requiredText(args, 'eval'), 'evaluation');
  await prepareFolder(folder).catch((error: unknown) => {
    throw explainWriteError(error, folder);
  });
  return { open, calibration, evaluation, log: new TrialLog(join(folder, 'trials.jsonl')), signal };
}

async function readGrid(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => {
    throw new LatheError('grid-missing', `There is no grid file "${path}"; check the path.`);
  });
}

/** A trial's name says all that its result depends on, so that a changed file or model is no stale hit. */
async function named(job: Sweep, points: readonly GridPoint[]): Promise<NamedPoint[]> {
  const calibration = await sha256OfDataset(job.calibration);
  const evaluation = await sha256OfDataset(job.evaluation);
  const shared = { tool: TOOL, model: job.open.sha256, calibration, evaluation };
  return Promise.all(
    points.map(async (point) => {
      const hash = await sha256OfJson({ ...shared, recipe: point.recipe });
      return { ...point, id: hash.slice(0, 16) };
    }),
  );
}

/** A recipe that cannot run is a result; being cancelled is not. */
async function runPoint(host: Host, job: Sweep, point: NamedPoint): Promise<TrialLine> {
  const { id, values, recipe } = point;
  const { open, calibration, evaluation, signal } = job;
  const start = host.now();
  try {
    const input = { open, recipe, calibration, evaluation };
    const trial = await runTrial(host, input, { signal, progress: progressLine() });
    // The recipe in the report makes the same file again; keeping all of them could fill the disk.
    await new TrialStore(host.storage).remove([trial.id]);
    if (trial.report === undefined) throw new LatheError('no-report', 'The trial has no report.');
    return { id, values, seconds: (host.now() - start) / 1000, report: trial.report };
  } catch (error) {
    if (error instanceof CancelledError || !(error instanceof LatheError)) throw error;
    return { id, values, error: error.message };
  }
}

function doneLine(line: TrialLine | undefined): DoneLine[] {
  return line !== undefined && isDone(line) ? [line] : [];
}

function progress({ values }: NamedPoint, index: number, count: number): void {
  process.stderr.write(`Trial ${index + 1} of ${count}: ${describe(values)}\n`);
}

function describe(values: Readonly<Record<string, unknown>>): string {
  const parts = Object.entries(values).map(([path, value]) => `${path} ${JSON.stringify(value)}`);
  return parts.join(', ') || 'the base recipe';
}

function printTrial(line: TrialLine | undefined): void {
  if (line === undefined) return;
  if (!isDone(line)) return printLine(`${line.id}  ${describe(line.values)}: ${line.error}`);
  const { after, evaluation } = line.report;
  const measures = (['perplexity', 'accuracy', 'kl', 'relativeError'] as const).flatMap((name) => {
    const metric = evaluation?.compressed[name];
    return metric === undefined ? [] : `${name} ${formatMetric(metric)}`;
  });
  const size = formatBytes(after.bytes);
  printLine(`${line.id}  ${describe(line.values)}: ${[size, ...measures].join(', ')}`);
}
