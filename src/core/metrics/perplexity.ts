import { meanByWindow, transformed, type Estimate } from './estimate.ts';

/**
 * Perplexity exp(mean −log p(token)) over all positions. `nll` [positions] in nats, windows one
 * after another; `windows` their lengths. SE by the delta method: perplexity · SE(mean), windows as
 * clusters.
 */
export function perplexity(nll: ArrayLike<number>, windows: readonly number[]): Estimate {
  return transformed(meanByWindow(nll, windows), Math.exp, Math.exp);
}
