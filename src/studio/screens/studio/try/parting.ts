import type { Continuation, TokenStep } from '../../../../../workers/protocol.ts';

/** Two continuations of one text: what they have in common, and what each goes on with. */
export interface Parting {
  readonly common: readonly TokenStep[];
  /** Begins with the token at which they part; empty where a text ends there. */
  readonly left: readonly TokenStep[];
  readonly right: readonly TokenStep[];
}

/** Behind the first different token the two texts are about different things: only what is before it compares. */
export function partingOf({ original, compressed }: Continuation): Parting {
  const other = original.findIndex(({ id }, at) => id !== compressed.at(at)?.id);
  const until = other < 0 ? original.length : other;
  return {
    common: compressed.slice(0, until),
    left: original.slice(until),
    right: compressed.slice(until),
  };
}

/** Whether there is a token at which they part. */
export function isParted({ left, right }: Parting): boolean {
  return left.length > 0 || right.length > 0;
}
