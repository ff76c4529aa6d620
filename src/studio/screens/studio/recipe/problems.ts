import type { Forecast } from '../../../../../workers/protocol.ts';

export type Problem = Forecast['problems'][number];

/** Problems whose path is, or lies below, `prefix`: `steps[0]` has `steps[0].options.bits`. */
export function problemsUnder(problems: readonly Problem[], prefix: string): Problem[] {
  return problems.filter(({ path }) => path === prefix || /^[.[]/.test(rest(path, prefix)));
}

/** Problems of the recipe as a whole: they stand at none of its steps, nor at its calibration. */
export function generalProblems(problems: readonly Problem[]): Problem[] {
  return problems.filter(({ path }) => !/^(steps\[|calibration)/.test(path));
}

function rest(path: string, prefix: string): string {
  return path.startsWith(prefix) ? path.slice(prefix.length) : '';
}
