import type { Layer } from '../../../anatomy/types.ts';
import type { Take } from '../../../statistics/take.ts';
import type {
  Encoder,
  Ground,
  InputLook,
  Method,
  PlanContext,
  Skipped,
  StepPlan,
} from '../../contract.ts';
import { encoderMethod } from '../../encoder-method.ts';
import { isRefusal } from '../../site.ts';
import { allLevels, levelForm, methodOf, optionsOf, type Level } from './choosable.ts';
import { meta, type MixedPrecisionOptions } from './meta.ts';

type Levels = ReadonlyMap<string, Level>;

/**
 * Each layer as its level's own method would plan it. Layers whose methods look at nothing come first, so that those behind
 * see what they became. While nothing is decided, every layer takes the form with the most bits, which bounds the file.
 */
export const planMixed: Method<MixedPrecisionOptions>['plan'] = async (
  ground,
  targets,
  options,
  context,
) => {
  const open = options.chosen === undefined;
  const levels = open ? widest(ground, targets, options) : chosenLevels(options);
  const given = targets.filter(({ name }) => levels.has(name));
  const alone = given.filter((layer) => !looks(levels, layer, options));
  const seeing = given.filter((layer) => looks(levels, layer, options));
  const first = await planned(ground, alone, { levels, options, context }, true);
  const behind = { ...ground, model: first.model };
  const second = await planned(behind, seeing, { levels, options, context }, false);
  const both = [first, second];
  const skipped = [...both.flatMap((plan) => plan.skipped), ...left(targets, levels, open)];
  const warnings = [...new Set(both.flatMap((plan) => plan.warnings ?? []))];
  return {
    model: second.model,
    lines: inOrder(targets, both),
    skipped,
    work: both.flatMap(({ work }) => work),
    ...(warnings.length > 0 && { warnings }),
    ...(open && bounds(targets, options)),
  };
};

interface Planning {
  readonly levels: Levels;
  readonly options: MixedPrecisionOptions;
  readonly context: PlanContext;
}

function planned(
  ground: Ground,
  layers: readonly Layer[],
  { levels, options, context }: Planning,
  shareable: boolean,
): Promise<StepPlan> {
  const look = lookOf(layers, levels, options);
  const encoder: Encoder<MixedPrecisionOptions> = {
    shareable,
    form: (layer, own, model) => levelForm(layer, levelOf(levels, layer), own, model),
    ...(look && { look: () => look }),
    encode: (weight, form, seen, own, running) => {
      const level = levelOf(levels, weight.layer);
      return methodOf(level).encoder.encode(weight, form, seen, optionsOf(level, own), running);
    },
  };
  return encoderMethod(meta, encoder).plan(ground, layers, options, context);
}

function levelOf(levels: Levels, { name }: Layer): Level {
  const level = levels.get(name);
  if (level === undefined) throw new RangeError(`no level for ${name}`);
  return level;
}

function looks(levels: Levels, layer: Layer, options: MixedPrecisionOptions): boolean {
  const level = levelOf(levels, layer);
  return methodOf(level).encoder.look?.(optionsOf(level, options)) !== undefined;
}

/** What the methods of these layers look at together; in order where one of them wants it so. */
function lookOf(
  layers: readonly Layer[],
  levels: Levels,
  options: MixedPrecisionOptions,
): InputLook | undefined {
  const all = layers.flatMap((layer) => {
    const level = levelOf(levels, layer);
    return methodOf(level).encoder.look?.(optionsOf(level, options)) ?? [];
  });
  if (all.length === 0) return undefined;
  const takes = new Map<string, Take>();
  for (const { take } of all) for (const one of take) takes.set(JSON.stringify(one), one);
  return { take: [...takes.values()], sequential: all.some(({ sequential }) => sequential) };
}

function chosenLevels({ chosen = [] }: MixedPrecisionOptions): Levels {
  return new Map(
    chosen.flatMap(({ layers, ...level }) => layers.map((name) => [name, level] as const)),
  );
}

/** The level with the most bits and the smallest blocks that a layer can take. */
function widest(
  { model }: Ground,
  targets: readonly Layer[],
  options: MixedPrecisionOptions,
): Levels {
  const size = ({ blockSize }: Level) => (blockSize === 'channel' ? Infinity : blockSize);
  const levels = allLevels(options).toSorted((a, b) => b.bits - a.bits || size(a) - size(b));
  return new Map(
    targets.flatMap((layer) => {
      const first = levels.find((level) => !isRefusal(levelForm(layer, level, options, model)));
      const level = first ?? levels[0];
      return level === undefined ? [] : [[layer.name, level] as const];
    }),
  );
}

function left(targets: readonly Layer[], levels: Levels, open: boolean): readonly Skipped[] {
  if (open) return [];
  return targets
    .filter(({ name }) => !levels.has(name))
    .map(({ name }) => ({
      name,
      reason: `"${name}" got no bits when those of each layer were decided, so it was left as it is; clear "chosen" to decide again.`,
    }));
}

function inOrder(targets: readonly Layer[], plans: readonly StepPlan[]): StepPlan['lines'] {
  const lines = plans.flatMap((plan) => plan.lines);
  return targets.flatMap(({ output }) => lines.find(({ layer }) => layer.output === output) ?? []);
}

/** Bytes that the answer takes in the file, at most: a level for each layer by itself. */
function bounds(targets: readonly Layer[], { aim, budget }: MixedPrecisionOptions) {
  const longest = targets.map(({ name }) => ({
    ...{ method: 'round-to-nearest', bits: 8, blockSize: 'channel', layers: [name] },
  }));
  const undecided = new TextEncoder().encode(JSON.stringify({ chosen: longest })).length;
  return { undecided, ...(aim === 'size' && budget !== undefined && { atMost: budget }) };
}
