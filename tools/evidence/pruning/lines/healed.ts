import type { Lab, Run, SubjectName } from '../../numbers/lab.ts';
import { unseenImages } from '../../numbers/data.ts';
import { stepsOf } from '../recipes.ts';
import { attempt, shown, type Check, type Line } from '../../numbers/types.ts';

const WITHIN = 1.1;
const POINT = 0.01;

export const healed: Line = {
  number: 6,
  claim:
    '25 % of prose’s bytes removed physically, then healed in a stated number of steps: perplexity within 10 % of the original; 50 %: better than a fresh student of the same size and steps; mail and handwriting at 50 %: within 1 point',
  checks: async function* (lab) {
    yield await quarter(lab);
    yield await half(lab);
    yield await accurate(lab, 'mail');
    yield await accurate(lab, 'handwriting');
    const unseen = unseenImages(lab.scratch);
    if (unseen !== undefined) yield await accurate(lab, 'handwriting', unseen);
  },
};

/** "4 710 000 of 6 284 129 bytes (75.0 %), 300 steps" */
function sizeOf({ report, recipe }: Run): string {
  const steps = recipe.steps.flatMap(({ options }) =>
    'learningRate' in options ? [options['steps']] : [],
  );
  const share = (100 * report.after.bytes) / report.before.bytes;
  return `${report.after.bytes} of ${report.before.bytes} bytes (${share.toFixed(1)} %), ${steps.map(String).join(' + ')} steps`;
}

function isWithin({ report }: Run, share: number): boolean {
  return report.after.bytes <= share * report.before.bytes;
}

function quarter(lab: Lab): Promise<Check> {
  return attempt('prose less 25 %, healed: perplexity ≤ 1.1 × the original', async () => {
    const run = await lab.run('prose', stepsOf('prose', 'cut-25'));
    const { original, compressed } = run.report.evaluation ?? {};
    const [before, after] = [original?.perplexity, compressed?.perplexity];
    if (before === undefined || after === undefined)
      throw new Error('Perplexity was not measured.');
    return {
      found: `${shown(before)} → ${shown(after)} (n ${after.n}), ${sizeOf(run)}`,
      holds: isWithin(run, 0.75) && after.value <= WITHIN * before.value,
    };
  });
}

function half(lab: Lab): Promise<Check> {
  return attempt('prose less 50 %, healed: perplexity below a fresh student’s', async () => {
    const run = await lab.run('prose', stepsOf('prose', 'cut-50'));
    const fresh = await lab.run('prose', stepsOf('prose', 'fresh-50'));
    const [ours, theirs] = [run, fresh].map(
      ({ report }) => report.evaluation?.compressed.perplexity,
    );
    if (ours === undefined || theirs === undefined) throw new Error('Perplexity was not measured.');
    return {
      found: `${shown(ours)}, ${sizeOf(run)}; fresh ${shown(theirs)}, ${sizeOf(fresh)} (n ${ours.n})`,
      holds:
        isWithin(run, 0.5) &&
        fresh.report.after.bytes >= run.report.after.bytes &&
        ours.value < theirs.value,
    };
  });
}

function accurate(lab: Lab, name: SubjectName, evaluation?: string): Promise<Check> {
  const on = evaluation === undefined ? '' : ', on images no recipe was chosen by';
  return attempt(`${name} less 50 %, healed: accuracy within 1 point${on}`, async () => {
    const run = await lab.run(name, stepsOf(name, 'cut-50'), { evaluation });
    const { original, compressed, difference } = run.report.evaluation ?? {};
    const [before, after] = [original?.accuracy, compressed?.accuracy];
    if (before === undefined || after === undefined) throw new Error('Accuracy was not measured.');
    return {
      found: `${shown(before)} → ${shown(after)}, paired ${shown(difference?.accuracy)} (n ${after.n}), ${sizeOf(run)}`,
      holds: isWithin(run, 0.5) && after.value >= before.value - POINT,
    };
  });
}
