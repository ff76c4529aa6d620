import { describe, expect, it } from 'vitest';
import { CROWDED, FEW, many, ONE_OUTLIER, ORIGINAL_BYTES } from '../testing/frontier-trials.ts';
import { frontierWords } from '../strings/en-frontier.ts';
import { USUAL, type Camera } from './camera.ts';
import { frontierData } from './data.ts';
import { boxOf, overlap, type Box } from './labels.ts';
import { layoutOf, type Layout } from './layout.ts';
import { neighbour } from './neighbour.ts';
import { captionOf, pointName, valueText } from './texts.ts';

const VIEW = { task: 'language-model' as const, bytes: ORIGINAL_BYTES, data: {} };
const measure = (text: string): number => text.length * 6;

function dataOf(trials: typeof FEW, as: 'value' | 'change' = 'change') {
  const data = frontierData(trials, VIEW, { across: 'size', as }, undefined, frontierWords);
  if (data === undefined) throw new Error('nothing to draw');
  return data;
}

function layout(
  trials: typeof FEW,
  camera: Camera = USUAL,
  width = 800,
  becomes?: string,
  selected = 'made-1',
): Layout {
  const { points, of } = dataOf(trials);
  const forecast = { id: 'mark:forecast', bytes: 272_303, text: 'forecast 272 kB', accent: true };
  return layoutOf({
    ...{ points, of, camera, measure, originalBytes: ORIGINAL_BYTES, same: 'same' },
    ...{ marks: [{ ...forecast, becomes }], size: { width, height: 600 }, selected },
    valueOf: (point) => valueText(of, point),
  });
}

/** Every name that is drawn, with the marks. */
function boxes({ points, marks }: Layout): Box[] {
  return [
    ...points.map(({ cx: x, cy: y, text, label }) => ({ x, y, text, label })),
    ...marks.map(({ cx: x, cy: y, mark: { text }, label }) => ({ x, y, text, label })),
  ].flatMap(({ x, y, text, label }) =>
    label ? [boxOf({ id: '', x, y, width: measure(text) }, label)] : [],
  );
}

describe('the layout', () => {
  it('names all of sixteen, and no name lies on another, on a tick or outside', () => {
    const here = layout(CROWDED);
    const names = boxes(here);
    expect(names).toHaveLength(CROWDED.length + 2);
    for (const [at, box] of names.entries()) {
      expect(names.slice(0, at).some((other) => overlap(box, other))).toBe(false);
      expect(box.left).toBeGreaterThanOrEqual(here.frame.area.left);
      expect(box.bottom).toBeLessThanOrEqual(here.frame.axis);
    }
  });

  it('leaves room for the longest tick beside the title', () => {
    const { area, yTicks } = layout(FEW).frame;
    const widest = Math.max(...yTicks.map(({ text }) => measure(text)));
    // The title’s baseline is at 18 px; the texts end 8 px before the plot.
    expect(area.left - 8 - widest).toBeGreaterThanOrEqual(18 + 6);
  });

  it('keeps what is off the scale in a strip under the plot, with its value', () => {
    const { points, frame } = layout(ONE_OUTLIER);
    const q2 = points.find(({ point }) => point.label === 'q2');
    expect(q2).toMatchObject({ worse: true, text: 'q2 +1677 % ↓' });
    expect(q2?.cy).toBeGreaterThan(frame.area.bottom);
    expect(q2?.cy).toBeLessThan(frame.axis);
    expect(layout(ONE_OUTLIER, { base: 'all' }).frame.strip).toBeUndefined();
  });

  it('names what is shown in the strip, at every width', () => {
    const [id] = ONE_OUTLIER.filter(({ name }) => name === 'q2').map((trial) => trial.id);
    for (const width of [300, 390, 800, 1600]) {
      const { points } = layout(ONE_OUTLIER, USUAL, width, undefined, id);
      expect(points.find(({ point }) => point.id === id)).toMatchObject({ worse: true });
      expect(points.find(({ point }) => point.id === id)?.label).toBeDefined();
    }
  });

  it('says how many lie outside of what one zoomed to', () => {
    const { frame, points } = layout(CROWDED);
    const { x } = frame.view;
    const half = { x: [x[0], (x[0] + x[1]) / 2] as const, y: frame.view.y };
    const near = layout(CROWDED, { base: 'usual', view: half });
    expect(near.outside).toBeGreaterThan(0);
    expect(near.points.length + near.outside).toBe(points.length);
  });

  it('ties the forecast to the trial it became, and else to nothing known', () => {
    const tiny = layout(FEW, USUAL, 800, 'made-1');
    const point = tiny.points.find(({ point: { id } }) => id === 'made-1');
    expect(tiny.marks[0].tie).toEqual({ x: point?.cx, y: point?.cy });
    const open = layout(FEW);
    expect(open.marks[0].tie).toEqual({ x: open.marks[0].cx, y: open.frame.area.top });
  });

  it('names no dominated one of many but the shown', () => {
    const named = layout(many(200)).points.filter(({ label }) => label !== undefined);
    const quiet = named.filter(({ point }) => !point.onFrontier);
    expect(quiet.every(({ point }) => point.id === 'made-1')).toBe(true);
    expect(named.length).toBeGreaterThan(8);
  });

  it('has ticks that differ, at every width', () => {
    for (const width of [300, 390, 800, 1600]) {
      const { frame } = layout(CROWDED, USUAL, width);
      for (const ticks of [frame.xTicks, frame.yTicks, frame.ratios]) {
        expect(ticks.length).toBeGreaterThanOrEqual(2);
        expect(new Set(ticks.map(({ text }) => text)).size).toBe(ticks.length);
      }
    }
  });
});

describe('the arrow keys', () => {
  it('go through all trials, by size and by quality', () => {
    const { points } = layout(ONE_OUTLIER);
    const name = (id?: string) => points.find(({ point }) => point.id === id)?.point.label;
    const order = ['tiny', 'q2', 'small-and-safe', 'q4', 'fp16'];
    const ids = order.map(
      (label) => points.find(({ point }) => point.label === label)?.point.id ?? '',
    );
    expect(ids.map((id) => name(neighbour(points, id, 'ArrowRight')))).toEqual([
      ...order.slice(1),
      undefined,
    ]);
    expect(name(neighbour(points, ids[0], 'End'))).toBe('fp16');
    expect(name(neighbour(points, ids[3], 'ArrowDown'))).toBe('q2');
    expect(neighbour(points, ids[0], 'x')).toBeUndefined();
  });
});

describe('words', () => {
  it('tell a point whole to those who hear it', () => {
    const { points, of } = dataOf(FEW);
    const tiny = points.find(({ label }) => label === 'tiny');
    expect(tiny && pointName(tiny, of, ORIGINAL_BYTES)).toBe(
      'tiny, 272 kB, 4.57× smaller, Perplexity 3.870 ± 0.088, +8.31 % ± 0.39 against the original, on the frontier',
    );
    const shipped = tiny && { ...tiny, shipped: true, onFrontier: false };
    expect(shipped && pointName(shipped, of, ORIGINAL_BYTES)).toMatch(
      /another trial is smaller and better, measured by the project$/,
    );
  });

  it('say of bars and band what they are', () => {
    const { points, of } = dataOf(FEW);
    expect(captionOf(points, of, true)).toEqual([
      'bars: one standard error of the paired difference to the original',
      'shaded: the same as the original within two standard errors',
    ]);
    expect(captionOf([], of, false)).toEqual(['bars: one standard error']);
  });
});
