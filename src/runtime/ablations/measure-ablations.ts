import { maskOf, settingOf, type Setting } from '../../core/ablation/gate-sites.ts';
import type { GateInputs } from '../../core/ablation/gated-model.ts';
import { gatedParts, type GatedPart } from '../../core/ablation/gated-parts.ts';
import type { Ablation, AblationLoss } from '../../core/ablation/types.ts';
import { LatheError, throwIfCancelled } from '../../core/errors/lathe-error.ts';
import { takeBranch } from '../../core/onnx/branches/take-branch.ts';
import type { Model } from '../../core/onnx/types.ts';
import { DataType } from '../../core/tensor/data-type.ts';
import type { Value } from '../../core/tensor/values.ts';
import type { CaptureBatch, CaptureBatches } from '../capture.ts';
import type { Runtime } from '../types.ts';
import { castValue, type Feeds } from '../values.ts';
import { lossTrack, type LossTrack, type Measure } from './losses.ts';
import { PartSessions } from './part-sessions.ts';
import { replacementOf, weightFeeds, type OwnWeights } from './weight-feeds.ts';

/** What is measured, and on what. */
export interface AblationRun {
  readonly model: Model;
  readonly ablations: readonly Ablation[];
  /** Further ablations whose gates the model is cut at, so that results do not depend on which of them are asked for. */
  readonly cutAt?: readonly Ablation[];
  readonly batches: CaptureBatches;
  /** The output that is compared, and how. */
  readonly output: string;
  readonly measure: Measure;
  /** Enough is seen with so many rows of answers, or so many examples. */
  readonly enough: { readonly rows: number; readonly examples: number };
  /** False: the model is too large for one session, and its parts are not all open at a time. */
  readonly together?: boolean;
}

export interface AblationHooks {
  readonly signal?: AbortSignal;
  readonly progress?: (far: HowFar) => void;
}

export interface HowFar {
  /** Whole batches that are done, and how many ablations were measured on the one that goes on. */
  readonly batches: number;
  readonly ablations: number;
  /** Batches, this one included, after which enough is seen. */
  readonly batchesLeft: number;
}

/**
 * What each ablation costs: how far the model's answers move when its gates are shut and its weights replaced. The model
 * is cut before each gated value and each replaced weight; batch by batch, what ablations have in common up to there runs
 * once, so the ground's own way is shared by all and memory holds the values that cross the cuts of one batch. Throws
 * `ablation-value`, `ablation-columns`, `ablation-weight`, `value-type-unknown`.
 */
export async function measureAblations(
  runtime: Runtime,
  { model, ablations, cutAt = [], batches, output, measure, enough, together = true }: AblationRun,
  hooks: AblationHooks = {},
): Promise<readonly AblationLoss[]> {
  const parts = gatedParts(takeBranch(model), [...cutAt, ...ablations], output);
  const sessions = new PartSessions(runtime, together);
  const tracks = ablations.map(() => lossTrack(measure));
  const weights: OwnWeights = new Map();
  try {
    let done = 0;
    for await (const batch of batches) {
      let measured = 0;
      const tour: Tour = {
        ...{ parts, sessions, batch, output, weights },
        ...(hooks.signal && { signal: hooks.signal }),
        arrive: (at, ground, ablated) => {
          tracks[at].add(ground, ablated, batch.mask);
          const batchesLeft = leftOf(tracks[at], done + 1, enough) + 1;
          hooks.progress?.({ ablations: ++measured, batches: done, batchesLeft });
        },
      };
      await explore(tour, ablations);
      done++;
      if (isEnough(tracks[0], enough)) break;
    }
    return tracks.map((track) => track.loss());
  } finally {
    await sessions.release();
  }
}

function isEnough(track: LossTrack, { rows, examples }: AblationRun['enough']): boolean {
  return track.rows >= rows || track.examples >= examples;
}

/** Batches that are still to come, if they are like those before. */
function leftOf(track: LossTrack, batches: number, enough: AblationRun['enough']): number {
  const byRows = ((enough.rows - track.rows) * batches) / track.rows;
  const byExamples = ((enough.examples - track.examples) * batches) / track.examples;
  return Math.max(0, Math.ceil(Math.min(byRows, byExamples)));
}

/** One batch on its way through all ablations. */
interface Tour {
  readonly parts: readonly GatedPart[];
  readonly sessions: PartSessions;
  readonly batch: CaptureBatch;
  readonly output: string;
  readonly weights: OwnWeights;
  readonly signal?: AbortSignal;
  /** The answers of ablation `at` beside the ground's. */
  readonly arrive: (at: number, ground: Value, ablated: Value) => void;
}

/** An ablation under its number; the ground, which shuts nothing, has none. */
interface Traveller {
  readonly at?: number;
  readonly ablation: Ablation;
}

async function explore(tour: Tour, ablations: readonly Ablation[]): Promise<void> {
  const travellers: Traveller[] = ablations.map((ablation, at) => ({ at, ablation }));
  let ground: Value | undefined;
  const visit = async (level: number, state: State, group: readonly Traveller[]): Promise<void> => {
    const part = tour.parts.at(level);
    if (part === undefined) {
      const answer = answerIn(state, tour);
      // Whoever shuts nothing goes first.
      ground ??= answer;
      for (const { at } of group) if (at !== undefined) tour.arrive(at, ground, answer);
      return;
    }
    for (const [settings, together] of bySettings(part, group)) {
      throwIfCancelled(tour.signal);
      const gates = gateFeeds(part.gates, settings, state);
      const weights = await weightFeeds(part, together[0].ablation, tour.weights);
      const feeds = { ...tour.batch.feeds, ...Object.fromEntries(state), ...gates, ...weights };
      const made = await tour.sessions.run(part, feeds);
      const known = [...state, ...Object.entries(made)];
      const next = new Map(known.filter(([name]) => part.kept.has(name)));
      await visit(level + 1, next, together);
    }
  };
  await visit(0, new Map(), [{ ablation: { gates: [] } }, ...travellers]);
}

/** Values that were computed for a batch and are still needed. */
type State = ReadonlyMap<string, Value>;

type Settings = readonly (Setting | undefined)[];

/** Who sets a part's gates and weights alike; the ground and those that leave them open come first. */
function bySettings(
  { gates, weights }: GatedPart,
  group: readonly Traveller[],
): Iterable<readonly [Settings, readonly Traveller[]]> {
  const found = new Map<string, [Settings, Traveller[]]>();
  for (const traveller of group) {
    const { ablation } = traveller;
    const settings = gates.map(({ value }) => settingOf(ablation, value));
    const given = weights.map(({ name }) => replacementOf(ablation, name)?.by);
    const key = JSON.stringify([...settings, ...given].map((setting) => setting ?? null));
    const known = found.get(key);
    if (known) known[1].push(traveller);
    else found.set(key, [settings, [traveller]]);
  }
  return found.values();
}

/** Masks and switches of a part's gates. */
function gateFeeds(gates: readonly GateInputs[], settings: Settings, state: State): Feeds {
  const feeds: Record<string, Value> = {};
  gates.forEach(({ value, open, mask, switches, dataType }, at) => {
    const setting = settings[at];
    for (const { input, instead } of switches) {
      const data = Uint8Array.of(Number(setting?.instead === instead));
      feeds[input] = { dataType: DataType.bool, dims: [], data };
    }
    if (mask === undefined) return;
    const columns = state.get(open)?.dims.at(-1) ?? 1;
    checkColumns(value, setting, columns);
    const data = maskOf(setting, columns);
    feeds[mask] = castValue({ dataType: DataType.float32, dims: [columns], data }, dataType);
  });
  return feeds;
}

function checkColumns(value: string, setting: Setting | undefined, columns: number): void {
  if (setting?.zero === undefined || setting.zero === 'all') return;
  const outside = setting.zero.find(({ from, end }) => from < 0 || end > columns);
  if (outside === undefined) return;
  throw new LatheError(
    'ablation-columns',
    `The columns ${outside.from} to ${outside.end - 1} of "${value}" were to be switched off, and it has ${columns}; name columns that are there.`,
    { value, columns },
  );
}

function answerIn(state: State, { output, batch }: Tour): Value {
  return state.get(output) ?? batch.feeds[output];
}
