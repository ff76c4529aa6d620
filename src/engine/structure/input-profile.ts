import { recogniseStored } from '../../core/anatomy/recognise-stored.ts';
import type { Layer } from '../../core/anatomy/types.ts';
import { CancelledError, LatheError } from '../../core/errors/lathe-error.ts';
import { methodById } from '../../core/methods/registry.ts';
import type { Model } from '../../core/onnx/types.ts';
import { seededRandom } from '../../core/random/seeded.ts';
import { selectLayers } from '../../core/recipe/targets.ts';
import type { Step } from '../../core/recipe/types.ts';
import type { Histogram } from '../../core/statistics/histogram/histogram.ts';
import type { CoveredRange } from '../../core/statistics/histogram/round-histogram.ts';
import { inputOf, looksAtInputs } from '../../core/statistics/look.ts';
import type { AblationHost } from '../ablations.ts';
import { lookProvider } from '../compress/look-provider.ts';
import type { LookProvider, StageHooks } from '../compress/types.ts';
import { calibrationOn, DEFAULT_CALIBRATION } from '../data/calibration.ts';
import type { OpenModel } from '../model/open.ts';
import type { StructureData } from './calibration.ts';

/** What a layer reads on calibration data, and what a step makes of it. */
export interface InputProfile {
  readonly layer: string;
  /** The value that it reads: several layers may read one. */
  readonly value: string;
  /** Rows of calibration data, and input channels. */
  readonly rows: number;
  readonly columns: number;
  /** How often numbers fall where: equal bins from −limit to limit. */
  readonly counts: Float64Array;
  readonly limit: number;
  /** max |x_j| of each channel. */
  readonly maxima: Float32Array;
  /** E[x_j²] of each channel. */
  readonly meanSquares: Float32Array;
  /** s_j by which the step divides each channel, where it folds scales into what stands before. */
  readonly divided?: Float64Array;
  /** max |x_j| that the layer reads in the file of a trial, where it has as many channels there. */
  readonly measured?: Float32Array;
  /** The range that calibration would choose for the step, where it covers ranges. */
  readonly automatic?: CoveredRange;
}

/** The layer that is asked about, and the step that is looked at with it. */
export interface ProfileQuestion {
  readonly layer: string;
  readonly step?: Pick<Step, 'method' | 'target' | 'options'>;
}

const TAKEN = ['histogram', 'maxima', 'norms'] as const;

/** What is seen of calibration data, cut and chosen once for many questions. */
export async function profileProvider(
  host: AblationHost,
  open: OpenModel,
  { dataset, amount = DEFAULT_CALIBRATION, seed = 0 }: StructureData,
): Promise<LookProvider> {
  const calibration = await calibrationOn(host.runtime, open, dataset, amount, seed);
  const device = { device: host.device ?? 'wasm' } as const;
  return lookProvider(host.runtime, calibration, host.statistics, device);
}

/**
 * What the open model's layer reads, and what it reads in a file made from that. All layers are looked at in one pass, so that the next one answers at once. Throws
 * `no-input-channels` for look-ups, which multiply nothing.
 */
export async function inputProfile(
  open: OpenModel,
  provider: LookProvider,
  { layer: name, step }: ProfileQuestion,
  hooks: StageHooks,
  file?: Model,
): Promise<InputProfile> {
  const { model, anatomy } = open;
  const layer = requireReading(anatomy.layers, name);
  const seen = await provider.collect(model, looksAtInputs(anatomy.layers, TAKEN), hooks);
  const view = inputOf(layer);
  const histogram = seen.at(view, 'histogram');
  const [maxima, norms] = [seen.at(view, 'maxima'), seen.at(view, 'norms')];
  if (histogram === undefined || maxima === undefined || norms === undefined)
    throw notReached(layer);
  const divided = step && (await dividedBy(open, layer, step, provider, hooks));
  const automatic = step && automaticOf(step, histogram);
  const measured = file && (await maximaIn(file, layer, provider, hooks));
  return {
    ...{ layer: name, value: layer.input, rows: histogram.rows, columns: histogram.columns },
    ...{ counts: histogram.counts, limit: histogram.limit, maxima: maxima.values },
    meanSquares: norms.values.map((norm) => norm ** 2 / norms.rows),
    ...(divided && { divided }),
    ...(measured && { measured }),
    ...(automatic && { automatic }),
  };
}

/** What the layer reads in a file made from the model: whatever was done to it, that is what is left. */
async function maximaIn(
  file: Model,
  layer: Layer,
  provider: LookProvider,
  hooks: StageHooks,
): Promise<Float32Array | undefined> {
  const { layers } = await recogniseStored(file);
  const found = layers.find(({ output, name }) => output === layer.output || name === layer.name);
  if (found === undefined || found.op === 'Gather' || found.inFeatures !== layer.inFeatures)
    return undefined;
  try {
    const seen = await provider.collect(file, looksAtInputs([found], ['maxima']), hooks);
    return seen.at(inputOf(found), 'maxima')?.values;
  } catch (error) {
    if (error instanceof CancelledError) throw error;
    // A file that cannot read these data (other tokens, another operator) takes nothing from what is known before.
    return undefined;
  }
}

type Asked = NonNullable<ProfileQuestion['step']>;

/** What the step divides the layer's input by: planned for the layers that read the same value, and for no others. */
async function dividedBy(
  { model, anatomy }: OpenModel,
  layer: Layer,
  { method: id, target, options: given }: Asked,
  provider: LookProvider,
  hooks: StageHooks,
): Promise<Float64Array | undefined> {
  const method = methodById(id);
  const options = method.meta.options.safeParse(given);
  const targets = selectLayers(anatomy, target).filter(({ input }) => input === layer.input);
  if (!options.success || !targets.includes(layer)) return undefined;
  const ground = { model, anatomy, original: model };
  const context = { index: 0, change: () => undefined };
  const plan = await method.plan(ground, targets, options.data, context);
  const work = plan.work.find((one) => one.kind === 'encode' && one.rescaling !== undefined);
  if (work?.kind !== 'encode' || work.rescaling === undefined) return undefined;
  const { rescaling } = work;
  const signal = hooks.signal && { signal: hooks.signal };
  const stops = async function* () {
    const looks = looksAtInputs(targets, rescaling.take);
    yield { layers: targets, seen: await provider.collect(model, looks, hooks) };
  };
  const own = { ...signal, random: seededRandom(0, 'input profile') };
  const { factors } = await rescaling.decide(ground, stops(), own);
  return factors.get(layer.output)?.columns;
}

function automaticOf(
  { method: id, options: given }: Asked,
  histogram: Histogram,
): CoveredRange | undefined {
  const method = methodById(id);
  const options = method.meta.options.safeParse(given);
  return options.success ? method.automaticRange?.(histogram, options.data) : undefined;
}

function requireReading(layers: readonly Layer[], name: string): Layer {
  const layer = layers.find((one) => one.name === name);
  if (layer === undefined) {
    throw new LatheError('layer-unknown', `The open model has no layer "${name}"; choose another.`);
  }
  if (layer.op !== 'Gather') return layer;
  throw new LatheError(
    'no-input-channels',
    `"${name}" is looked up by token and multiplies nothing, so it has no inputs to look at; choose a layer that multiplies.`,
    { layer: name },
  );
}

function notReached({ name }: Layer): LatheError {
  return new LatheError(
    'input-not-reached',
    `No calibration data came by "${name}", so nothing is known of its inputs; choose other data or another layer.`,
    { layer: name },
  );
}
