import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boxOf, overlap, placeLabels, type Box } from './labels.ts';

const AREA = { left: 0, top: 0, right: 400, bottom: 300 };

describe('placeLabels', () => {
  it('puts a name where one expects it when there is room', () => {
    const places = placeLabels([{ id: 'a', x: 100, y: 100, width: 40 }], [], [], AREA);
    expect(places.get('a')).toEqual({ dx: 10, dy: -8, anchor: 'start' });
  });

  it('moves a name to the other side at the edge, and off a line', () => {
    const atEdge = placeLabels([{ id: 'a', x: 380, y: 100, width: 40 }], [], [], AREA);
    expect(atEdge.get('a')?.anchor).toBe('end');
    const line = { left: 120, top: 0, right: 122, bottom: 100 };
    const offLine = placeLabels([{ id: 'a', x: 100, y: 100, width: 40 }], [], [line], AREA);
    expect(offLine.get('a')).toEqual({ dx: -10, dy: -8, anchor: 'end' });
  });

  it('keeps forecast and original apart when they are as large', () => {
    const both = placeLabels(
      [
        { id: 'forecast', x: 200, y: 300, width: 90, where: 'above' as const },
        { id: 'original', x: 204, y: 300, width: 45, where: 'above' as const },
      ],
      [],
      [],
      AREA,
    );
    expect(both.get('forecast')?.anchor).toBe('start');
    expect(both.get('original')?.anchor).toBe('end');
  });

  it('leaves room between two names in a line, and names what must be named on whatever lies there', () => {
    const left = { id: 'left', x: 100, y: 100, width: 40 };
    // To the left of its mark its name would start 4 px after the other's end.
    const near = { id: 'near', x: 380, y: 100, width: 216 };
    const places = placeLabels([left, near], [], [], AREA);
    expect(places.get('left')).toEqual({ dx: 10, dy: -8, anchor: 'start' });
    expect(places.get('near')).toEqual({ dx: -10, dy: 16, anchor: 'end' });
    const strip = { where: 'beside' as const, must: true };
    const everywhere = [AREA];
    expect(placeLabels([{ ...left, ...strip }], everywhere, [], AREA).size).toBe(1);
    expect(placeLabels([left], everywhere, [], AREA).size).toBe(0);
  });

  it('never puts one name on another, on an obstacle or outside', () => {
    const named = fc.record({
      x: fc.integer({ min: 0, max: 400 }),
      y: fc.integer({ min: 0, max: 300 }),
      width: fc.integer({ min: 5, max: 200 }),
      where: fc.constantFrom(undefined, 'above' as const, 'beside' as const),
    });
    fc.assert(
      fc.property(fc.array(named, { maxLength: 20 }), (all) => {
        const names = all.map((name, index) => ({ ...name, id: String(index) }));
        const obstacles = names.map(({ x, y }) => ({
          ...{ left: x - 6, top: y - 6, right: x + 6, bottom: y + 6 },
        }));
        const places = placeLabels(names, obstacles, [], AREA);
        const boxes = names.flatMap((name): Box[] => {
          const place = places.get(name.id);
          return place === undefined ? [] : [boxOf(name, place)];
        });
        for (const [index, box] of boxes.entries()) {
          expect(boxes.slice(0, index).some((other) => overlap(box, other))).toBe(false);
          expect(obstacles.some((other) => overlap(box, other))).toBe(false);
          expect(box.left >= 0 && box.right <= 400 && box.top >= 0 && box.bottom <= 300).toBe(true);
        }
      }),
    );
  });
});
