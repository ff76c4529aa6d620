import type { Aim } from '../../core/methods/aims.ts';
import type { Step } from '../../core/recipe/types.ts';
import type { MethodCard } from './method-card.ts';

type Card = Pick<MethodCard, 'id' | 'family' | 'pictures' | 'decided' | 'aims' | 'options'>;

/** Steps that make the file what is asked for, and which were given up for it. */
export interface Fitted<S> {
  readonly steps: readonly (S | Step)[];
  readonly replaced: readonly S[];
}

/**
 * The aiming method's own step with the aim, where there is one; else that step in place of the steps of its family
 * that already choose how each weight is stored, or behind all others.
 */
export function fitSteps<S extends Step>(
  steps: readonly S[],
  card: Card,
  cardOf: (method: string) => Card | undefined,
  options: Step['options'],
): Fitted<S> {
  const own = steps.find(({ method, disabled }) => method === card.id && disabled !== true);
  if (own !== undefined) {
    const decided = card.decided.map(({ name }) => name);
    const kept = Object.entries(own.options).filter(([name]) => !decided.includes(name));
    const aimed = { ...own, options: { ...Object.fromEntries(kept), ...options } };
    return { steps: steps.map((step) => (step === own ? aimed : step)), replaced: [] };
  }
  const replaced = steps.filter(({ method, disabled }) => {
    const other = cardOf(method);
    const same = other?.family === card.family && other.pictures === 'weight';
    return same && disabled !== true;
  });
  const made: Step = { method: card.id, target: 'all', options };
  const first = replaced.at(0);
  if (first === undefined) return { steps: [...steps, made], replaced };
  const left = steps.flatMap((step): (S | Step)[] => {
    if (step === first) return [made];
    return replaced.includes(step) ? [] : [step];
  });
  return { steps: left, replaced };
}

/** What the recipe aims at already. */
export function currentAim(steps: readonly Step[], card: Card): Aim | undefined {
  const own = steps.find(({ method, disabled }) => method === card.id && disabled !== true);
  const parsed = own && card.options.safeParse(own.options);
  return parsed?.success ? card.aims?.of(parsed.data) : undefined;
}
