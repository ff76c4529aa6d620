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
  const palette = readFrom(document.body, `11px ${getComputedStyle(document.body).fontFamily}`);
  known.set(scheme, palette);
  return palette;
}

/** The light colours whatever the page's are: figures are printed on white. */
export function lightPalette(font: string): Palette {
  const host = document.createElement('div');
  host.style.colorScheme = 'light';
  document.body.append(host);
  const palette = readFrom(host, font);
  host.remove();
  return palette;
}

function readFrom(element: Element, font: string): Palette {
  const entries = Object.entries(TOKENS).map(([name, token]) => [name, plotColor(element, token)]);
  return Object.fromEntries([...entries, ['font', font]]) as Palette;
}
