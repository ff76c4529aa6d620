import { describe, expect, it } from 'vitest';
import { GraphBuilder } from './build/graph-builder.ts';
import { plannedValues } from './build/weight-values.ts';
import { carryFillings, fillHoles, holesOf, requireFilled } from './fill.ts';
import { editGraph } from './graph/edit.ts';
import type { Model } from './types.ts';
import { writeModel } from './write.ts';

/** y = (x·w)·v with both matrices open. */
function planned(): Model {
  const g = new GraphBuilder();
  const x = g.input('x', 'float32', [1, 2]);
  const w = g.floats('w', [2, 2], plannedValues(4));
  const v = g.floats('v', [2, 2], plannedValues(4));
  g.output(g.op('MatMul', [g.op('MatMul', [x, w]), v]), 'float32', [1, 2], 'y');
  return g.finish();
}

const bytes = (fill: number) => new Uint8Array(16).fill(fill);

describe('fillHoles', () => {
  it('puts bytes into the holes it names and leaves everything else the same object', async () => {
    const model = planned();
    const one = fillHoles(model, new Map([['w', bytes(1)]]));
    expect(holesOf(model)).toEqual(['w', 'v']);
    expect(holesOf(one)).toEqual(['v']);
    expect(one.graph.nodes).toBe(model.graph.nodes);
    expect(one.graph.initializers[1]).toBe(model.graph.initializers[1]);
    expect(() => requireFilled(one)).toThrow(
      'The run ended without values for "v" that were planned; run the recipe again, and report this if it happens twice.',
    );
    const both = fillHoles(one, new Map([['v', bytes(2)]]));
    expect(() => requireFilled(both)).not.toThrow();
    expect((await writeModel(both)).byteLength).toBeGreaterThan(32);
  });

  it('counts what is left', () => {
    expect(() => requireFilled(planned())).toThrow(
      'The run ended without values for "w" and 1 more tensors that were planned; run the recipe again, and report this if it happens twice.',
    );
  });

  it('refuses another size, a name that is no hole, and a hole that is filled already', () => {
    const model = planned();
    expect(() => fillHoles(model, new Map([['w', new Uint8Array(12)]]))).toThrow(
      'The run made 12 bytes for "w" where 16 were planned; report this, with the recipe.',
    );
    const unknown = (name: string) =>
      `The run has values for "${name}", which the plan does not leave open; report this, with the recipe.`;
    expect(() => fillHoles(model, new Map([['u', bytes(1)]]))).toThrow(unknown('u'));
    const filled = fillHoles(model, new Map([['w', bytes(1)]]));
    expect(() => fillHoles(filled, new Map([['w', bytes(1)]]))).toThrow(unknown('w'));
  });
});

describe('carryFillings', () => {
  it('finds holes by identity, whatever a later plan calls them', async () => {
    const first = planned();
    const done = fillHoles(
      first,
      new Map([
        ['w', bytes(1)],
        ['v', bytes(2)],
      ]),
    );
    const edit = editGraph(first.graph);
    edit.renameValue('w', 'renamed');
    const second = { ...first, graph: edit.finish() };
    const carried = carryFillings(first, done, second);
    expect(holesOf(carried)).toEqual([]);
    const data = carried.graph.initializers.find(({ name }) => name === 'renamed')?.data;
    expect(await data?.read()).toEqual(bytes(1));
  });

  it('leaves open what the later plan opened itself', () => {
    const [first, other] = [planned(), planned()];
    const done = fillHoles(
      first,
      new Map([
        ['w', bytes(1)],
        ['v', bytes(2)],
      ]),
    );
    expect(holesOf(carryFillings(first, done, other))).toEqual(['w', 'v']);
  });
});
