import { columnsOf, type CutGroup } from '../../../cuts/group.ts';
import { planCut, type GroupCut } from '../../../cuts/plan.ts';
import type { Gate } from '../../../ablation/types.ts';
import { throwIfCancelled } from '../../../errors/lathe-error.ts';
import { looksAtInputs } from '../../../statistics/look.ts';
import { nothingSeen } from '../../../statistics/seen.ts';
import type { Ground, Oracle } from '../../contract.ts';
import { columnProblem } from '../structured/cut-step.ts';
import { takesOf } from '../structured/looks.ts';
import { cutColumns } from '../structured/refit.ts';
import { meta, type TwoStageOptions } from './meta.ts';

/**
 * The gates that shut the neurons which the run will remove: attentions are then measured in the narrower model. Least squares
 * that make up for them do not count.
 */
export async function neuronGates(
  ground: Ground,
  cuts: readonly GroupCut[],
  options: TwoStageOptions,
  ask: Pick<Oracle<TwoStageOptions>, 'seen' | 'signal'>,
): Promise<readonly Gate[]> {
  const asked = { ...options, ...(options.compensation !== 'obs' && PLAIN) };
  const takes = takesOf(asked);
  const readers = cuts.map(
    ({
      group: {
        readers: [first],
      },
    }) => first,
  );
  const seen = takes.length > 0 ? await ask.seen(looksAtInputs(readers, takes)) : nothingSeen;
  const { pieces, failed } = planCut(ground.model, cuts);
  const whole = new Set(failed.map(({ group }) => group));
  const gates: Gate[] = [];
  for (const { group, keep } of cuts) {
    throwIfCancelled(ask.signal);
    if (keep === group.members || whole.has(group)) continue;
    const problem = await columnProblem({ ground, options: asked, meta }, group, pieces, seen);
    const { kept } = cutColumns(problem, asked, keep);
    gates.push(...gatesOf(group, new Set(kept)));
  }
  return gates;
}

const PLAIN = { compensation: 'none' } as const;

/** Everything that reads the group's members reads zeros in the place of those that go. */
function gatesOf(group: CutGroup, kept: ReadonlySet<number>): Gate[] {
  const columns = columnsOf(group).flatMap((own, member) =>
    kept.has(member) ? [] : own.map((from) => ({ from, end: from + 1 })),
  );
  const values = group.readers.filter(({ op }) => op !== 'Conv').map(({ input }) => input);
  return [...new Set(values)].map((value) => ({ value, columns }));
}
