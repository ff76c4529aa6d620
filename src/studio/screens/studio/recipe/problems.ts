import type { Forecast } from '../../../../../workers/protocol.ts';

export type Problem = Forecast['problems'][number];

/** Problems whose path is, or lies below, `prefix` (`steps[0].options.bits`; `steps.0…` is the same). */
export function problemsUnder(problems: readonly Problem[], prefix: string): Problem[] {
  const wanted = normal(prefix);
  return problems.filter(({ path }) => {
    const found = normal(path);
    return wanted === '' || found === wanted || found.startsWith(`${wanted}.`);
  });
}

function normal(path: string): string {
  return path
    .replace(/\[(\d+)\]/g, '.$1')
    .replace(/^[/.]+/, '')
    .replaceAll('/', '.');
}
