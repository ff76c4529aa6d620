import { partBase } from '../../core/companions/parts.ts';
import { CancelledError, LatheError } from '../../core/errors/lathe-error.ts';
import type { Recipe } from '../../core/recipe/types.ts';
import { exportPath, partDataName } from '../../core/recipe/part-name.ts';
import type { ExportedPart } from '../export/folder.ts';
import type { Host } from '../host.ts';
import type { TrialHooks, TrialInput } from '../job.ts';
import { openModel, type OpenModel } from '../model/open.ts';
import { bytesOfFiles, partFiles } from '../model/part-files.ts';
import { withPart } from '../model/part-words.ts';
import { partsOf, type ModelPart } from '../model/parts.ts';
import type { ModelFolder } from '../model/types.ts';
import { runTrial } from '../run-trial.ts';
import { TrialStore } from '../trials/store.ts';
import type { PartLine, Trial } from '../trials/types.ts';
import { fittingData, type PartData } from './fitting-data.ts';
import { measureTogether, type MadePart, type Together } from './together.ts';

/** What runs over several parts of a folder share. */
export interface PartsInput {
  readonly folder: ModelFolder;
  readonly parts: readonly ModelPart[];
  readonly recipe: Recipe;
  /** Chosen anew for each part: what was given, else what lies in the folder. */
  readonly data: (open: OpenModel, recipe: Recipe) => Promise<PartData>;
  /** As of one trial: false for who only wants the files. */
  readonly measure?: boolean;
  /** As of one trial: what was finished before is not run again. */
  readonly reuse?: boolean;
}

export interface PartsRun {
  readonly lines: readonly PartLine[];
  /** What became of the parts that could be compressed, in the order of the parts. */
  readonly made: readonly ExportedPart[];
  /** An encoder with its decoder, both compressed. */
  readonly together?: Together;
}

/**
 * One recipe on several parts of a folder, one after another: a trial each, and one table of all. A part that
 * fails is left as it is and says why; the others go on. Only a cancel ends the run, and keeps what was done.
 * @throws LatheError `parts-one-name` when two of them would be written under one name.
 */
export async function runParts(
  host: Host,
  input: PartsInput,
  hooks: TrialHooks,
): Promise<PartsRun> {
  refuseOneName(input);
  const sizes = await Promise.all(
    input.parts.map(async (part) => bytesOfFiles(await partFiles(input.folder, part))),
  );
  const share = sharesOf(sizes);
  const outcomes: Outcome[] = [];
  for (const [index, part] of input.parts.entries()) {
    const within = partHooks(hooks, partBase(part), share[index]);
    outcomes.push(await attempt(host, input, part, sizes[index], within));
  }
  const lines = outcomes.map(({ line }) => line);
  const store = new TrialStore(host.storage);
  const made: (ExportedPart & MadePart)[] = [];
  for (const { done } of outcomes) {
    if (done === undefined) continue;
    const trial = await store.join(done.trial.id, lines);
    made.push({ open: done.open, trial, written: await store.written(trial.id) });
  }
  const together = await bothParts(host, input, made, hooks.signal);
  return { lines, made, ...(together && { together }) };
}

async function bothParts(
  host: Host,
  { recipe, data, measure = true }: PartsInput,
  made: readonly MadePart[],
  signal: AbortSignal | undefined,
): Promise<Together | undefined> {
  if (!measure || made.length < 2) return undefined;
  return measureTogether(host, made, await data(made[0].open, recipe), signal);
}

/** What is said when no part could be compressed. */
export function nothingMade(lines: readonly PartLine[]): LatheError {
  const reasons = lines.map(({ path, message }) => `${path}: ${message ?? ''}`).join(' · ');
  return new LatheError(
    'parts-none-made',
    `None of the ${lines.length} parts could be compressed. ${reasons}`,
  );
}

interface Outcome {
  readonly line: PartLine;
  readonly done?: { readonly open: OpenModel; readonly trial: Trial };
}

async function attempt(
  host: Host,
  input: PartsInput,
  part: ModelPart,
  bytes: number,
  hooks: TrialHooks,
): Promise<Outcome> {
  const line: PartLine = { ...part, bytesBefore: bytes, bytesAfter: bytes };
  try {
    const open = await openModel(withPart(input.folder, part));
    const trial = await runTrial(host, await trialInput(host, open, input), hooks);
    const bytesAfter = trial.report?.after.bytes ?? bytes;
    return { line: { ...line, bytesAfter, trial: trial.id }, done: { open, trial } };
  } catch (error) {
    if (error instanceof CancelledError || !(error instanceof LatheError)) throw error;
    return { line: { ...line, message: error.message } };
  }
}

async function trialInput(
  host: Host,
  open: OpenModel,
  { recipe, data, measure = true, reuse = false }: PartsInput,
): Promise<TrialInput> {
  const dataName = partDataName(open, recipe, true);
  const fitting = await fittingData(host, open, await data(open, recipe));
  return { open, recipe, dataName, measure, reuse, ...fitting };
}

function refuseOneName({ folder, parts, recipe }: PartsInput): void {
  const all = partsOf(folder);
  const byPath = new Map<string, ModelPart>();
  for (const part of parts) {
    const path = exportPath({ part, parts: all }, recipe, true);
    const other = byPath.get(path);
    if (other !== undefined) {
      throw new LatheError(
        'parts-one-name',
        `The parts "${other.path}" and "${part.path}" would both be written as "${path}"; choose one of them.`,
      );
    }
    byPath.set(path, part);
  }
}

type Share = readonly [start: number, width: number];

/** The bar's share of each part, by its bytes. */
function sharesOf(sizes: readonly number[]): Share[] {
  const total = sizes.reduce((sum, size) => sum + Math.max(1, size), 0);
  let start = 0;
  return sizes.map((size) => {
    const width = Math.max(1, size) / total;
    start += width;
    return [start - width, width];
  });
}

/** The part's own bar within that of the whole run; time left is known of the part alone, so it is not said. */
function partHooks(hooks: TrialHooks, name: string, [start, width]: Share): TrialHooks {
  return {
    ...hooks,
    progress: ({ stage, detail, fraction }) =>
      hooks.progress({
        stage: `${name}: ${stage}`,
        fraction: Math.min(1, start + width * fraction),
        ...(detail !== undefined && { detail }),
      }),
  };
}
