import type { Lab, SubjectName } from '../../numbers/lab.ts';
import { attempt, shown, type Check, type Line } from '../../numbers/types.ts';

const MODELS: readonly SubjectName[] = ['prose', 'stories', 'gpt2-like', 'handwriting'];

export const depth: Line = {
  number: 5,
  claim:
    'Dropping the block of lowest influence costs less KL than the mean over the others; measured greedy ≤ influence order at equal bytes',
  checks: async function* (lab) {
    for (const name of MODELS) {
      yield await lowest(lab, name);
      yield await greedy(lab, name);
    }
  },
};

async function cost(lab: Lab, name: SubjectName, method: string, options: object) {
  const { report, recipe } = await lab.run(name, [{ method, options }]);
  const kl = report.evaluation?.compressed.kl;
  if (kl === undefined) throw new Error('KL was not measured.');
  return { kl, bytes: report.after.bytes, options: recipe.steps[0].options };
}

function lowest(lab: Lab, name: SubjectName): Promise<Check> {
  return attempt(
    `${name}: KL without the block of lowest influence < mean without another`,
    async () => {
      const { open } = await lab.subject(name);
      const chosen = await cost(lab, name, 'blocks', {
        count: 1,
        score: 'influence',
        protectFirst: 0,
      });
      const [index] = chosen.options['blocks'] as readonly number[];
      const others = [];
      for (const { index: at } of open.anatomy.blocks) {
        if (at !== index) others.push((await cost(lab, name, 'blocks', { blocks: [at] })).kl);
      }
      const mean = others.reduce((sum, { value }) => sum + value, 0) / others.length;
      return {
        found: `block ${index}: ${shown(chosen.kl)}; others ${others.map(shown).join(', ')}, mean ${mean.toPrecision(4)} (n ${chosen.kl.n})`,
        holds: chosen.kl.value < mean,
      };
    },
  );
}

function greedy(lab: Lab, name: SubjectName): Promise<Check> {
  return attempt(`${name}: two blocks by measured greedy ≤ by influence`, async () => {
    const measured = await cost(lab, name, 'greedy-blocks', { count: 2 });
    const ranked = await cost(lab, name, 'blocks', { count: 2, score: 'influence' });
    const found = `${shown(measured.kl)} at ${measured.bytes} bytes, ${shown(ranked.kl)} at ${ranked.bytes} bytes`;
    return { found, holds: measured.kl.value <= ranked.kl.value };
  });
}
