import type { Span } from './region.ts';

/**
 * Which bytes each object was read from. Keyed by identity: models are immutable, so an object that
 * is still the same object still means the same bytes, and an edit (a spread) has no entry here.
 */
const origins = new WeakMap<object, Span>();

export function rememberOrigin(object: object, span: Span): void {
  origins.set(object, span);
}

export function originOf(object: object): Span | undefined {
  return origins.get(object);
}
