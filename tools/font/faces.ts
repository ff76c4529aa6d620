import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import subsetFont from 'subset-font';
import { figureGlyphs, onlyFiguresTabular } from './tabular.ts';

/** Where the package keeps what it was cut into, and its licence. */
const SOURCE = new URL('../../node_modules/@fontsource-variable/inter/', import.meta.url);
export const FOLDER = new URL('../../src/studio/styles/fonts/', import.meta.url);

interface Face {
  /** File of the package; each holds one part of Unicode. */
  readonly from: string;
  readonly to: string;
  readonly characters: string;
}

function range(first: number, last: number): string {
  return String.fromCodePoint(...Array.from({ length: last - first + 1 }, (_, i) => first + i));
}

/**
 * The page's own words are Latin; Greek letters and Ŵ stand in formulas, and are fetched where one is shown.
 * What none of the package's files holds (→ ≤ ⌘ and the like) comes from the system's fonts.
 */
export const FACES: readonly Face[] = [
  {
    from: 'inter-latin-wght-normal.woff2',
    to: 'inter-latin.woff2',
    characters:
      range(0x20, 0x7e) +
      range(0xa0, 0xff) +
      '\u2002\u2003\u2007\u2009\u200a\u202f\u2060–—‘’‚“”„†•…′″‹›€™↑↓−∕',
  },
  {
    from: 'inter-greek-wght-normal.woff2',
    to: 'inter-greek.woff2',
    characters: 'ΔΣΦΩαβγδεηθκλμπρστφχψω',
  },
  {
    from: 'inter-latin-ext-wght-normal.woff2',
    to: 'inter-latin-ext.woff2',
    characters: 'Ŵŵ',
  },
];

/** Kerning, marks, and figures of one width; the rest (arrows out of "->" and the like) would surprise. */
const FEATURES = ['kern', 'mark', 'mkmk', 'ccmp', 'tnum'];

/** From normal to bold: nothing on the page is lighter or heavier. */
const WEIGHTS = { min: 400, max: 700 };

/** One face as the page gets it. The same package gives the same bytes. */
export async function faceBytes({ from, characters }: Face): Promise<Buffer> {
  const font = readFileSync(new URL(`files/${from}`, SOURCE));
  const plain = await subsetFont(font, characters, {
    targetFormat: 'sfnt',
    keepFeatures: FEATURES,
    variationAxes: { wght: WEIGHTS },
    noHinting: true,
  });
  const figures = characters.includes('0');
  const mended = figures ? onlyFiguresTabular(plain, figureGlyphs(plain)) : plain;
  // Once more: glyphs that nothing leads to any longer go, and checksums are right again.
  return subsetFont(mended, characters, { targetFormat: 'woff2', keepFeatures: FEATURES });
}

export function licence(): string {
  return readFileSync(new URL('LICENSE', SOURCE), 'utf8');
}

export function placeOf(name: string): string {
  return fileURLToPath(new URL(name, FOLDER));
}
