import { methodCard } from './method-card.ts';
import type { StepNames } from './problem-words.ts';

/** What sentences call the steps on the bench and their options. */
export function stepNames(steps: readonly { readonly method: string }[]): StepNames[] {
  return steps.map(({ method }) => {
    const card = methodCard(method);
    const options: Record<string, string> = {};
    for (const { name, title } of card?.fields ?? []) options[name] = title;
    return { title: card?.title ?? method, options };
  });
}
