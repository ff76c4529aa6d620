/**
 * Golden pictures: the chart drawn by its own components from fixed data, compared with `pictures/*.svg`. After a
 * change that is meant, look at the new ones: `npx vitest run --update src/studio/screens/studio/frontier`.
 */
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import type { Interim, Trial } from '../../../../../workers/protocol.ts';
import { frontierData, type Chosen } from '../../../frontier/data.ts';
import { frontierWords as words } from '../../../strings/en-frontier.ts';
import {
  CROWDED,
  FEW,
  NOISE_ONLY,
  ONE_OUTLIER,
  ORIGINAL_BYTES,
  TIMED,
} from '../../../testing/frontier-trials.ts';
import { FrontierFigure } from './frontier-figure.tsx';

const VIEW = { task: 'language-model' as const, bytes: ORIGINAL_BYTES, data: {} };
const FORECAST = 272_303;

interface Picture {
  readonly trials: readonly Trial[];
  readonly chosen?: Partial<Chosen>;
  readonly interim?: Interim;
  readonly becomes?: string;
}

/** Every letter as wide as an average one: fonts of machines differ. */
const measure = (text: string): number => text.length * 6.2;

function draw({ trials, chosen, interim, becomes }: Picture): string {
  const data = frontierData(trials, VIEW, { across: 'size', ...chosen }, interim, words);
  if (data === undefined) throw new Error('nothing to draw');
  const forecast = { id: 'mark:forecast', bytes: FORECAST, text: words.forecast('272 kB') };
  const marks = data.of.setup ? [] : [{ ...forecast, accent: true, becomes }];
  const selected = trials[1]?.id;
  const svg = renderToStaticMarkup(
    <FrontierFigure
      {...{ data, marks, selected, measure }}
      originalBytes={ORIGINAL_BYTES}
      model="stories"
      date="2026-11-26"
    />,
  );
  return readable(svg);
}

/** Colours of the light theme, so that a picture can be looked at by itself. */
const COLOURS =
  '--text:#15191a;--text-2:#4b5457;--text-3:#626b6e;--line:#dcdfdf;--line-strong:#8b9395;' +
  '--surface-2:#fff;--surface-3:#edefef;--accent:#0b6b63;--baseline:#899295;font-family:sans-serif';

/** One element a line, without classes, which the build names, and with no more than a hundredth of a pixel. */
function readable(svg: string): string {
  return svg
    .replace('<svg ', '<svg xmlns="http://www.w3.org/2000/svg" ')
    .replace('>', `>\n<style>:root{${COLOURS}}</style>`)
    .replace(/ class="[^"]*"/g, '')
    .replace(/-?\d+\.\d{3,}/g, (number) => String(Number(Number(number).toFixed(2))))
    .replace(/><\/(line|rect|circle|path)>/g, '/>')
    .replace(/></g, '>\n<')
    .concat('\n');
}

const metric = (value: number, standardError: number) => ({ value, standardError, n: 8 });

const PICTURES: Readonly<Record<string, Picture>> = {
  'few-trials-change': { trials: FEW, becomes: FEW[1].id },
  'one-outlier-value': { trials: ONE_OUTLIER, chosen: { as: 'value' } },
  'noise-only': { trials: NOISE_ONLY },
  'sixteen-crowded': { trials: CROWDED },
  'time-across': { trials: TIMED, chosen: { across: 'time' } },
  'being-measured': {
    trials: FEW.slice(0, 1),
    becomes: 'interim',
    interim: {
      ...{ bytes: FORECAST, done: 8, of: 60 },
      original: { perplexity: metric(3.31, 0.2) },
      compressed: { perplexity: metric(3.58, 0.23) },
      difference: { perplexity: metric(0.27, 0.06) },
    },
  },
};

describe('golden pictures of the frontier', () => {
  it.each(Object.keys(PICTURES))('%s', async (name) => {
    await expect(draw(PICTURES[name])).toMatchFileSnapshot(`pictures/${name}.svg`);
  });

  it('tells any two of them apart', () => {
    expect(new Set(Object.values(PICTURES).map(draw)).size).toBe(Object.keys(PICTURES).length);
  });
});
