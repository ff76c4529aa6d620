import { LatheError } from '../../core/errors/lathe-error.ts';
import type { Anatomy } from '../../core/anatomy/types.ts';
import type { OptionField } from '../../core/methods/options-form.ts';
import type { Step } from '../../core/recipe/types.ts';
import { sameNames, fittingTarget, namesOf, targetOf } from './fitting-target.ts';
import { optionValue, type MethodCard } from './method-card.ts';
import { withoutExceptions } from './target.ts';

type Card = Pick<MethodCard, 'title' | 'fields' | 'decided'>;

/** A recipe's steps beside the model they work on; `key`, where a step has one, is kept by the steps that stay. */
export interface Bench<S extends Step = Step> {
  readonly anatomy: Anatomy;
  readonly steps: readonly S[];
  readonly card: (method: string) => Card | undefined;
  /** The step that takes in what no step works on; else the last that can. */
  readonly preferred?: S;
}

/** A step while targets are rewritten. */
interface Draft<S> {
  readonly step: S;
  readonly field: OptionField | undefined;
  readonly now: ReadonlySet<string>;
  readonly wanted: Set<string>;
  /** Other bits than the step has now. */
  bits?: number;
  /** Not there before: the step it was made from goes on beside it. */
  readonly made?: true;
}

/** The option by which a method lets one choose the bits of a weight, by what it says of itself. */
export function bitsField(card: Card | undefined): OptionField | undefined {
  return card?.fields.find(
    ({ unit, choices }) => unit === 'bits' && choices?.some((choice) => typeof choice === 'number'),
  );
}

/** The bits a method offers, most first. */
export function offeredBits(field: OptionField | undefined): readonly number[] {
  const numbers = field?.choices?.filter((choice) => typeof choice === 'number') ?? [];
  return [...numbers].sort((a, b) => b - a);
}

/** What decides the bits of each layer: the first active step that works on it and has bits to choose. */
export function bitsByLayer(bench: Bench): ReadonlyMap<string, BitsOfLayer> {
  const found = new Map<string, BitsOfLayer>();
  for (const { step, field, now } of draftsOf(bench)) {
    if (field === undefined) continue;
    const entry = { bits: optionValue(step.options, field), offered: offeredBits(field) };
    for (const name of now) if (!found.has(name)) found.set(name, entry);
  }
  return found;
}

export interface BitsOfLayer {
  /** A number, or what the method calls its own choice. */
  readonly bits: string | number | boolean;
  readonly offered: readonly number[];
}

/** The bits that can be chosen for layers which no step works on yet. */
export function bitsToOffer(bench: Bench): readonly number[] {
  return offeredBits(donorOf(bench, draftsOf(bench))?.field);
}

/** Names of layers that some active step works on. */
export function targetedLayers(bench: Bench): ReadonlySet<string> {
  return new Set(draftsOf(bench).flatMap(({ now }) => [...now]));
}

/**
 * The steps rewritten so that exactly these layers get so many bits and all others keep theirs: a step is told
 * other bits where it works on no other layers, layers move to a step that differs in its bits alone, else one
 * is made beside the step they leave. Throws `bits-no-step`, `bits-not-offered`.
 */
export function giveBits<S extends Step>(
  bench: Bench<S>,
  names: readonly string[],
  bits: number,
): readonly (S | Step)[] {
  const drafts = draftsOf(bench);
  const donor = donorOf(bench, drafts);
  if (donor === undefined) throw noStep();
  for (const [from, moved] of byOwner(drafts, names, donor)) {
    if (!offeredBits(from.field).includes(bits)) throw notOffered(bench, from, bits);
    move(bench, drafts, from, moved, bits);
  }
  return written(bench, drafts);
}

function byOwner<S>(drafts: readonly Draft<S>[], names: readonly string[], donor: Draft<S>) {
  const owned = new Map<Draft<S>, string[]>();
  for (const name of names) {
    const owner = drafts.find(({ field, now }) => field !== undefined && now.has(name)) ?? donor;
    owned.set(owner, [...(owned.get(owner) ?? []), name]);
  }
  return owned;
}

function move<S extends Step>(
  bench: Bench<S>,
  drafts: Draft<S>[],
  from: Draft<S>,
  names: readonly string[],
  bits: number,
): void {
  const has = bitsIn(from) === bits;
  // Layers that are where they should be stay; those without a step join it.
  if (has) return void names.forEach((name) => from.wanted.add(name));
  for (const name of names) from.wanted.delete(name);
  const target = siblingFor(bench, drafts, from, names, bits) ?? beside(drafts, from, bits);
  for (const name of names) target.wanted.add(name);
}

/** A step that says the same but for these bits, if no other step comes between it and the layers. */
function siblingFor<S extends Step>(
  bench: Bench<S>,
  drafts: readonly Draft<S>[],
  from: Draft<S>,
  names: readonly string[],
  bits: number,
): Draft<S> | undefined {
  const others = drafts.filter((draft) => draft !== from && draft.field !== undefined);
  if (others.some(({ now }) => names.some((name) => now.has(name)))) return undefined;
  const rest = restOf(bench, from);
  return others.find((other) => bitsIn(other) === bits && restOf(bench, other) === rest);
}

function beside<S extends Step>(drafts: Draft<S>[], from: Draft<S>, bits: number): Draft<S> {
  if (from.wanted.size === 0) {
    from.bits = bits;
    return from;
  }
  const { step, field } = from;
  const made: Draft<S> = { step, field, now: new Set(), wanted: new Set(), bits, made: true };
  drafts.splice(drafts.indexOf(from) + 1, 0, made);
  return made;
}

function bitsIn<S extends Step>({ step, field, bits }: Draft<S>): unknown {
  return bits ?? (field === undefined ? undefined : optionValue(step.options, field));
}

/** Everything a step says but for its bits and what they decide. */
function restOf<S extends Step>(bench: Bench<S>, { step, field }: Draft<S>): string {
  const options = Object.entries(undecided(bench, step)).filter(([name]) => name !== field?.name);
  return JSON.stringify([step.method, options.sort(([a], [b]) => (a < b ? -1 : 1))]);
}

/** The steps rewritten so that none of them works on these layers. */
export function leaveAlone<S extends Step>(
  bench: Bench<S>,
  names: readonly string[],
): readonly (S | Step)[] {
  const drafts = draftsOf(bench);
  for (const { wanted } of drafts) names.forEach((name) => wanted.delete(name));
  return written(bench, drafts);
}

/**
 * The steps rewritten so that they work on these layers again: where a step would but for an exception it does,
 * else one is made for them like the one that takes in what no step works on. Throws `layer-no-step`.
 */
export function takeIn<S extends Step>(
  bench: Bench<S>,
  names: readonly string[],
): readonly (S | Step)[] {
  const drafts = draftsOf(bench);
  const active = drafts.filter(({ step }) => step.disabled !== true);
  const donor = donorOf(bench, drafts) ?? active.at(-1);
  if (donor === undefined) throw noStepAtAll();
  const methods = new Map<string, Set<string>>();
  const orphans = new Set(names);
  for (const { step, wanted } of active) {
    const whole = namesOf(bench.anatomy, withoutExceptions(step.target));
    const taken =
      methods.get(step.method) ?? new Set(active.flatMap((other) => takenBy(other, step)));
    methods.set(step.method, taken);
    for (const name of names.filter((one) => whole.has(one) && !taken.has(one))) {
      wanted.add(name);
      taken.add(name);
      orphans.delete(name);
    }
  }
  const homeless = [...orphans].filter((name) => !active.some(({ now }) => now.has(name)));
  if (homeless.length > 0 && donor.wanted.size === 0) {
    for (const name of homeless) donor.wanted.add(name);
  } else if (homeless.length > 0) {
    const made: Draft<S> = { ...donor, now: new Set(), wanted: new Set(homeless), made: true };
    drafts.splice(drafts.indexOf(donor) + 1, 0, made);
  }
  return written(bench, drafts);
}

function takenBy<S extends Step>(draft: Draft<S>, { method }: Step): readonly string[] {
  return draft.step.method === method ? [...draft.now] : [];
}

function draftsOf<S extends Step>({ anatomy, steps, card }: Bench<S>): Draft<S>[] {
  return steps.map((step) => {
    const active = step.disabled !== true;
    const now = active ? namesOf(anatomy, step.target) : new Set<string>();
    const field = active ? bitsField(card(step.method)) : undefined;
    return { step, field, now, wanted: new Set(now) };
  });
}

function donorOf<S extends Step>({ preferred }: Bench<S>, drafts: readonly Draft<S>[]) {
  const able = drafts.filter(({ field }) => field !== undefined);
  return able.find(({ step }) => step === preferred) ?? able.at(-1);
}

function written<S extends Step>(bench: Bench<S>, drafts: readonly Draft<S>[]) {
  const steps = drafts.flatMap((draft) => writtenStep(bench, draft));
  if (steps.length > 0 || drafts.length === 0) return steps;
  // A recipe's last step is kept, though it works on nothing: its options are worth something.
  const [{ step }] = drafts;
  return [{ ...step, target: fittingTarget(bench.anatomy, step.target, new Set()) }];
}

function writtenStep<S extends Step>(bench: Bench<S>, draft: Draft<S>): readonly (S | Step)[] {
  const { step, now, wanted, bits, made } = draft;
  if (step.disabled === true) return [step];
  if (bits === undefined && made === undefined && sameNames(now, wanted)) return [step];
  if (wanted.size === 0) return [];
  const { anatomy } = bench;
  const options = { ...undecided(bench, step), ...withBits(draft) };
  if (made) return [{ method: step.method, target: targetOf(anatomy, wanted), options }];
  return [{ ...step, target: fittingTarget(anatomy, step.target, wanted), options }];
}

function withBits<S>({ field, bits }: Draft<S>): Step['options'] {
  return field === undefined || bits === undefined ? {} : { [field.name]: bits };
}

/** With other layers or bits a run would decide otherwise. */
function undecided({ card }: Bench, { method, options }: Step): Step['options'] {
  const decided = card(method)?.decided.map(({ name }) => name) ?? [];
  return Object.fromEntries(Object.entries(options).filter(([name]) => !decided.includes(name)));
}

function noStep(): LatheError {
  return new LatheError(
    'bits-no-step',
    'No step of this recipe has bits to choose. Take a starting point, or add a step that has them; then each layer can get its own.',
  );
}

function noStepAtAll(): LatheError {
  return new LatheError(
    'layer-no-step',
    'The recipe has no step yet that could work on a layer. Take a starting point, or add a step.',
  );
}

function notOffered({ card }: Bench, { step, field }: Draft<Step>, bits: number): LatheError {
  const offered = offeredBits(field);
  const list = `${offered.slice(0, -1).join(', ')} or ${offered.at(-1)}`;
  return new LatheError(
    'bits-not-offered',
    `${card(step.method)?.title ?? step.method} offers ${list} bits, not ${bits}. Choose one of these, or another method for this layer.`,
  );
}
