import { LatheError } from '../errors/lathe-error.ts';
import type { Encoded } from './types.ts';

/** Throws `encoding-planned`: values were asked of a plan. */
export function planned(): never {
  throw new LatheError(
    'encoding-planned',
    'This compressed weight is only planned and has no values yet; run the recipe before reading them.',
  );
}

/** Narrows an expression to the kind that was planned. Throws `encoding-kind`. */
export function requireKind<K extends Encoded['kind']>(
  encoded: Encoded,
  kind: K,
): Extract<Encoded, { kind: K }> {
  if (isKind(encoded, kind)) return encoded;
  throw new LatheError(
    'encoding-kind',
    `A weight was planned as ${kind} and came back as ${encoded.kind}, which takes other tensors; a run may only fill what was planned.`,
    { planned: kind, found: encoded.kind },
  );
}

function isKind<K extends Encoded['kind']>(
  encoded: Encoded,
  kind: K,
): encoded is Extract<Encoded, { kind: K }> {
  return encoded.kind === kind;
}
