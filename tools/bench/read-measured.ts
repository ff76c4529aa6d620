import type { Measured } from './line.ts';

/** A measured number that has a goal. */
export type Result = Measured & Required<Pick<Measured, 'goal'>>;

const GOAL = /(?:goal )?([≤≥<>]) ([\d.]+)/;

/**
 * The goals in what a benchmark printed. A line has columns apart by two spaces or more: what, value, goal, note;
 * `goal ≤ 1.15`, and `≤ 1.15 ok` or `> 1.15 MISSED`, are goals. The value is the number of its column: after an
 * equals sign where it shows a quotient, before "of a copy's" where it shows a share.
 */
export function readMeasured(output: string): Result[] {
  return output.split('\n').flatMap((line) => {
    const [what = '', shown = '', goal = '', ...note] = line.trim().split(/ {2,}/);
    const found = GOAL.exec(goal);
    const value = valueOf(shown);
    if (found === null || value === undefined) return [];
    // A missed limit is printed as "> limit"; only upper limits are printed so.
    const relation = found[1] === '≥' ? '≥' : '≤';
    const how = [
      shown.includes(' ') ? shown : '',
      goal.replace(/^goal [≤≥] [\d.]+ ?/, ''),
      ...note,
    ];
    return [
      {
        what,
        value,
        goal: { relation, limit: Number(found[2]) },
        note: how.filter((part) => part !== '' && !/(ok|MISSED)$/.test(part)).join(', '),
      },
    ];
  });
}

function valueOf(shown: string): number | undefined {
  const found =
    /= ([\d.]+)$/.exec(shown) ?? /([\d.]+) of a copy's$/.exec(shown) ?? /^([\d.]+)$/.exec(shown);
  return found === null ? undefined : Number(found[1]);
}
