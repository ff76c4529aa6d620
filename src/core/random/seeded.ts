import type { Random } from './random.ts';

/** FNV-1a over UTF-16 code units: spreads a label over 32 bits. */
function hashLabel(label: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < label.length; i++) {
    hash = Math.imul(hash ^ label.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}

/**
 * A stream of uniform numbers in [0, 1) decided by (seed, label) alone: splitmix32
 * (Steele, Lea & Flood 2014, 32-bit variant). Give every use its own label ("step 2 · layer q_proj"),
 * so that adding one use does not shift the numbers of another.
 *
 * @example seededRandom(0, 'a').next() === seededRandom(0, 'a').next() // true
 */
export function seededRandom(seed: number, label = ''): Random {
  let state = (Math.imul(seed | 0, 0x9e3779b1) ^ hashLabel(label)) >>> 0;
  return {
    next(): number {
      state = (state + 0x9e3779b9) >>> 0;
      let z = state;
      z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
      return ((z ^ (z >>> 15)) >>> 0) / 0x100000000;
    },
  };
}

/** Standard normal numbers from a uniform stream (Box–Muller). */
export function normal(random: Random): number {
  const u = 1 - random.next();
  return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * random.next());
}
