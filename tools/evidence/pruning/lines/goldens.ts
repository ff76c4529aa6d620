import { findLayers } from '../../../../src/core/anatomy/layers.ts';
import { readWeight } from '../../../../src/core/methods/weight.ts';
import type { Model } from '../../../../src/core/onnx/types.ts';
import { testFiles, testsPass } from '../../numbers/tests.ts';
import { attempt, type Line } from '../../numbers/types.ts';

/** Vectors of reference implementations, by the name of their files. */
const VECTORS = [
  'sparsegpt',
  'alps',
  'dsnot',
  'owl',
  'flap',
  'obs',
  '2ssp',
  'svd_act',
  'svdllm',
  'asvd',
  'fwsvd',
  'caldera',
];

const PATTERNED = ['magnitude', 'wanda', 'sparsegpt', 'alps'];

export const goldens: Line = {
  number: 1,
  claim: 'Goldens by their pass rules; N:M with 0 violations',
  checks: async function* (lab) {
    for (const vector of VECTORS) {
      const files = testFiles(['src/core'], new RegExp(`golden[\\s\\S]*\\b(A_)?${vector}`));
      yield await testsPass(`vectors of ${vector}`, files);
    }
    for (const method of PATTERNED) {
      yield await attempt(
        `2:4 by ${method}, violations in the written file of stories`,
        async () => {
          const run = await lab.run('stories', [
            { method, target: { all: true, except: ['embedding'] }, options: { pattern: '2:4' } },
          ]);
          const { groups, violations } = await violationsOf(await lab.written(run));
          return {
            found: `${violations} in ${groups} groups of 4`,
            holds: violations === 0 && groups > 0,
          };
        },
      );
    }
  },
};

/** Groups of 4 neighbours along the inputs with more than 2 numbers that are not zero. */
async function violationsOf(model: Model) {
  let [groups, violations] = [0, 0];
  for (const layer of findLayers(model).filter(({ op }) => op !== 'Gather')) {
    const { values } = await readWeight(model, layer);
    const { inFeatures } = layer;
    for (let row = 0; row < values.length; row += inFeatures) {
      for (let at = 0; at + 4 <= inFeatures; at += 4) {
        const four = values.subarray(row + at, row + at + 4);
        groups += 1;
        if (four.filter((value) => value !== 0).length > 2) violations += 1;
      }
    }
  }
  return { groups, violations };
}
