import { beforeAll, describe, expect, it } from 'vitest';
import { sampleModel, testHost } from '../../../test/support/sample.ts';
import type { Dataset } from '../../core/data/types.ts';
import { inputOf, looksAtInputs } from '../../core/statistics/look.ts';
import { lookProvider } from '../compress/look-provider.ts';
import { openModel, type OpenModel } from '../model/open.ts';
import { calibrationOn } from './calibration.ts';
import { seesGradients, withLabels, worksWithGradients } from './labelled-calibration.ts';
import { ownData } from './read.ts';

const AMOUNT = { samples: 3, length: 16 };
const host = testHost();

async function labelled(open: OpenModel, dataset: Dataset) {
  const runs = await calibrationOn(host.runtime, open, dataset, AMOUNT, 0);
  return { runs, labels: await withLabels(runs, open, dataset, AMOUNT, 0, host.runtime) };
}

const opened: Record<string, { open: OpenModel; dataset: Dataset }> = {};
beforeAll(async () => {
  for (const name of ['stories', 'digits']) {
    const open = await openModel(await sampleModel(name));
    const dataset = await ownData(open, 'calibration');
    if (dataset === undefined) throw new Error(name);
    opened[name] = { open, dataset };
  }
});

describe('withLabels', () => {
  it.each(['stories', 'digits'])('lets gradients be looked at on %s', async (name) => {
    const { open, dataset } = opened[name];
    const { runs, labels } = await labelled(open, dataset);
    expect(labels.sha256).not.toBe(runs.sha256);
    const down = open.anatomy.layers.filter(({ role }) => role === 'down');
    const looks = looksAtInputs(down, ['gradient', 'norms']);
    const told: (string | undefined)[] = [];
    const provider = lookProvider(host.runtime, labels, new Map());
    const hooks = { progress: (_: number, detail?: string) => void told.push(detail) };
    const seen = await provider.collect(open.model, looks, hooks);
    for (const layer of down) {
      const sums = seen.at(inputOf(layer), 'gradient');
      expect(sums?.count).toBe(3);
      expect(Math.max(...(sums?.taylor ?? []))).toBeGreaterThan(0);
      expect(seen.at(inputOf(layer), 'norms')?.columns).toBe(layer.inFeatures);
    }
    expect(told).toContain('batch 3 of 3');
  });

  it('refuses in words where there are no labels to flow back from', async () => {
    const { open, dataset } = opened['digits'];
    if (dataset.kind !== 'examples') throw new Error('digits are examples');
    const { kind, name, count, arrays } = dataset;
    await expect(labelled(open, { kind, name, count, arrays })).rejects.toThrow(
      `The data "${name}" has no labels, so there is nothing to learn from it; add an array "labels" with one class number per example.`,
    );
  });
});

describe('worksWithGradients', () => {
  it('finds the looks of both kinds of work', () => {
    const fill = async () => new Map();
    const at = (take: 'gradient' | 'norms') => [
      { kind: 'fill' as const, look: [{ value: 'x', take: [take] }], fill },
    ];
    expect([worksWithGradients(at('norms')), worksWithGradients(at('gradient'))]).toEqual([
      false,
      true,
    ]);
    expect(worksWithGradients([{ kind: 'fill', fill }])).toBe(false);
    expect(seesGradients([{ take: ['norms'] }, { take: ['weight gradient'] }])).toBe(true);
  });
});
