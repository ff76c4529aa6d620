import type { Metric } from '../../../../src/core/metrics/types.ts';
import type { Lab, SubjectName } from '../../numbers/lab.ts';
import { attempt, shown, type Check, type Line } from '../../numbers/types.ts';

const MODELS: readonly SubjectName[] = ['stories', 'prose', 'gpt2-like'];
const METHODS = ['alps', 'sparsegpt', 'wanda', 'magnitude'] as const;
const TARGET = { all: true, except: ['embedding', 'output-head'] };

export const unstructured: Line = {
  number: 2,
  claim:
    'stories, prose and the GPT-2-like model, 50 % and 2:4: KL(alps) < KL(sparsegpt) < KL(wanda) < KL(magnitude); at 70 % OWL lowers Wanda’s KL',
  checks: async function* (lab) {
    for (const name of MODELS) {
      yield await ordered(lab, name, '50 %', { sparsity: 0.5 });
      yield await ordered(lab, name, '2:4', { pattern: '2:4' });
      yield await owl(lab, name);
    }
  },
};

async function klOf(lab: Lab, name: SubjectName, method: string, options: object) {
  const { report } = await lab.run(name, [{ method, target: TARGET, options }]);
  const kl = report.evaluation?.compressed.kl;
  if (kl === undefined) throw new Error('KL was not measured.');
  return kl;
}

function ordered(lab: Lab, name: SubjectName, title: string, options: object): Promise<Check> {
  return attempt(`${name}, ${title}: KL by ${METHODS.join(' < ')}`, async () => {
    const all: Metric[] = [];
    for (const method of METHODS) all.push(await klOf(lab, name, method, options));
    const holds = all.every(({ value }, at) => at === 0 || all[at - 1].value < value);
    return { found: `${all.map(shown).join(', ')} (n ${all[0].n})`, holds };
  });
}

function owl(lab: Lab, name: SubjectName): Promise<Check> {
  return attempt(`${name}, 70 %: KL of Wanda by OWL < uniform`, async () => {
    const uneven = await klOf(lab, name, 'wanda', { sparsity: 0.7, ratios: 'owl' });
    const even = await klOf(lab, name, 'wanda', { sparsity: 0.7 });
    return {
      found: `${shown(uneven)}, ${shown(even)} (n ${even.n})`,
      holds: uneven.value < even.value,
    };
  });
}
