import { useMemo } from 'react';
import { plotColor, useScheme } from '../../../charts/plot-colors.ts';

const TOKENS = {
  text: '--text',
  text2: '--text-2',
  text3: '--text-3',
  line: '--line',
  accent: '--accent',
} as const;

/** Colours, and the font of small labels. */
export type Palette = Readonly<Record<keyof typeof TOKENS | 'font', string>>;

/** The colours of canvases, read once for a colour scheme: asking for one makes the browser lay out the page. */
export function usePalette(): Palette {
  const scheme = useScheme();
  return useMemo(() => read(scheme), [scheme]);
}

const known = new Map<string, Palette>();

function read(scheme: string): Palette {
  const before = known.get(scheme);
  if (before !== undefined) return before;
  const entries = Object.entries(TOKENS).map(([name, token]) => [
    name,
    plotColor(document.body, token),
  ]);
  const font = `11px ${getComputedStyle(document.body).fontFamily}`;
  const palette = Object.fromEntries([...entries, ['font', font]]) as Palette;
  known.set(scheme, palette);
  return palette;
}
