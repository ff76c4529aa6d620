import type { CSSProperties } from 'react';
import { shadeOf } from './bits-rows.ts';

/** How dark bits are drawn, for the style sheet to mix. */
export function shadeStyle(bits: number): CSSProperties {
  const shade = shadeOf(bits);
  // As dark as text on it can still be read.
  return {
    '--on-light': `${4 + 0.58 * shade}%`,
    '--on-dark': `${4 + 0.4 * shade}%`,
  } as CSSProperties;
}
