import type { CSSProperties } from 'react';
import { shadeOf } from './bits-rows.ts';

/** How dark bits are drawn, for the style sheet to mix. */
export function shadeStyle(bits: number): CSSProperties {
  return { '--shade': `${4 + 0.44 * shadeOf(bits)}%` } as CSSProperties;
}
