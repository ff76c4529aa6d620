import type { Forecast } from '../../../../../workers/protocol.ts';

export type Problem = Forecast['problems'][number];

/** Problems whose path is, or lies below, `prefix`: `steps[0]` has `steps[0].options.bits`. */
export function problemsUnder(problems: readonly Problem[], prefix: string): Problem[] {
  return problems.filter(({ path }) => path === prefix || /^[.[]/.test(rest(path, prefix)));
}

function rest(path: string, prefix: string): string {
  return path.startsWith(prefix) ? path.slice(prefix.length) : '';
}
