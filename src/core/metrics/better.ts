import type { MetricName } from './types.ts';

const HIGHER: readonly MetricName[] = ['sameTop1', 'deltaP', 'accuracy', 'agreement', 'cosine'];

/** Which way a measure is better. */
export function betterWhen(name: MetricName): 'lower' | 'higher' {
  return HIGHER.includes(name) ? 'higher' : 'lower';
}
