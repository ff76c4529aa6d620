import type { Layer } from '../../../anatomy/types.ts';
import { decodeWeight, placeOf, type Encoded, type Place } from '../../../encodings/index.ts';
import { throwIfCancelled } from '../../../errors/lathe-error.ts';
import { outputErrors, weightError } from '../../../metrics/weight-error.ts';
import { seededRandom } from '../../../random/seeded.ts';
import { inputOf } from '../../../statistics/look.ts';
import type { Seen } from '../../../statistics/seen.ts';
import type { LayerWeight, Oracle } from '../../contract.ts';
import { isRefusal } from '../../site.ts';
import {
  levelForm,
  levelName,
  measuredLevel,
  methodOf,
  optionsOf,
  type Level,
} from './choosable.ts';
import type { MixedPrecisionOptions } from './meta.ts';

/** Layers over one weight, which get one level. */
export interface Part {
  readonly layers: readonly Layer[];
  readonly place: Place;
  /** The layer that its values are chosen for: one that multiplies, where there is one. */
  readonly layer: Layer;
}

/** One level of a part. */
export interface Candidate {
  readonly level: Level;
  readonly name: string;
  /** Bytes of weights and of the nodes that unpack them. */
  readonly bytes: number;
  /** ‖W − Ŵ‖²/‖W‖². */
  readonly weightError: number;
  /** ‖(W − Ŵ)Xᵀ‖²/‖WXᵀ‖²; of look-ups, which multiply nothing, the weight's. */
  readonly outputError: number;
}

/** Codes that are kept rather than made again, in weights. */
const MOST_KEPT = 1e9;

/** Makes what parts become at their levels, and remembers it. */
export class Encoder {
  readonly #kept = new Map<string, Encoded>();
  #weights = 0;

  constructor(
    private readonly ask: Oracle<MixedPrecisionOptions>,
    private readonly options: MixedPrecisionOptions,
    private readonly model: Parameters<typeof levelForm>[3],
    private readonly seen: Seen,
  ) {}

  /** Ŵ [outFeatures, inFeatures]. */
  async decoded(part: Part, level: Level, weight?: LayerWeight): Promise<Float32Array> {
    const { outFeatures, inFeatures } = part.layer;
    return decodeWeight(await this.#encoded(part, level, weight), outFeatures, inFeatures);
  }

  async #encoded(part: Part, chosen: Level, read?: LayerWeight): Promise<Encoded> {
    const level = measuredLevel(chosen);
    const key = `${part.layer.output} ${levelName(level, this.options)}`;
    const known = this.#kept.get(key);
    if (known !== undefined) return known;
    throwIfCancelled(this.ask.signal);
    const form = levelForm(part.layer, level, this.options, this.model);
    if (isRefusal(form)) throw new RangeError(form.refused);
    const weight = read ?? (await this.ask.weight(part.layer));
    const { signal } = this.ask;
    const context = { random: seededRandom(0, key), ...(signal && { signal }) };
    const own = optionsOf(level, this.options);
    const { encoded } = await methodOf(level).encoder.encode(weight, form, this.seen, own, context);
    this.#weights += weight.values.length;
    if (this.#weights <= MOST_KEPT) this.#kept.set(key, encoded);
    return encoded;
  }
}

/** The layers of a tied weight as one part; undefined where it is no plain weight. */
export function partOf(
  model: Parameters<typeof placeOf>[0],
  layers: readonly Layer[],
): Part | undefined {
  const layer = layers.find(({ op }) => op !== 'Gather') ?? layers[0];
  const place = placeOf(model, layer);
  return place && { layers, layer, place };
}

/** Levels that all layers of a part can take; several layers stay one weight only where the weight alone decides values. */
export function levelsFor(
  { layers }: Part,
  levels: readonly Level[],
  options: MixedPrecisionOptions,
  model: Parameters<typeof levelForm>[3],
): readonly Level[] {
  const single = layers.length === 1;
  return levels.filter(
    (level) =>
      (single || sharesWeight(level, options)) &&
      layers.every((layer) => !isRefusal(levelForm(layer, level, options, model))),
  );
}

/** A tied weight stays one where nothing but the weight decides its values. */
function sharesWeight(level: Level, options: MixedPrecisionOptions): boolean {
  const { encoder } = methodOf(level);
  return encoder.shareable === true && encoder.look?.(optionsOf(level, options)) === undefined;
}

/** Errors of a part at levels that take so many bytes each. */
export async function candidatesOf(
  part: Part,
  levels: readonly (readonly [level: Level, bytes: number])[],
  encoder: Encoder,
  { ask, options, seen }: CandidateGround,
): Promise<readonly Candidate[]> {
  const weight = await ask.weight(part.layer);
  const moments = part.layer.op === 'Gather' ? undefined : seen.at(inputOf(part.layer), 'moments');
  const onOutput = moments && outputErrors(weight.values, moments.values, part.layer.inFeatures);
  const found: Candidate[] = [];
  for (const [level, bytes] of levels) {
    const decoded = await encoder.decoded(part, level, weight);
    const own = weightError(weight.values, decoded);
    found.push({
      ...{ level, bytes, name: levelName(measuredLevel(level), options) },
      ...{ weightError: own, outputError: onOutput?.(decoded) ?? own },
    });
  }
  return found;
}

export interface CandidateGround {
  readonly ask: Oracle<MixedPrecisionOptions>;
  readonly options: MixedPrecisionOptions;
  readonly seen: Seen;
}
