import type { Ablation } from '../../../ablation/types.ts';
import type { Anatomy } from '../../../anatomy/types.ts';
import { ablationOf } from '../../../cuts/depth/ablation.ts';
import { LatheError } from '../../../errors/lathe-error.ts';
import type { Look } from '../../../statistics/look.ts';
import type { Ground, Oracle } from '../../contract.ts';
import type { Candidate } from './candidates.ts';
import type { Score } from './choose.ts';
import { cutOf } from './cut-of.ts';
import type { BlocksOptions } from './meta.ts';

/** What each candidate would cost: every block, or every run of `count` neighbours where they go side by side. */
export async function scoresOf(
  { model, anatomy }: Ground,
  able: readonly Candidate[],
  options: BlocksOptions,
  count: number,
  ask: Oracle<BlocksOptions>,
): Promise<readonly Score[]> {
  const runs = runsOf(able, options.contiguous ? count : 1);
  if (runs.length === 0) throw noRun(count);
  if (options.score === 'measured') {
    const ablations = runs.map((blocks): Ablation =>
      ablationOf(model.graph, anatomy, cutOf(options.part, blocks)),
    );
    const losses = await ask.losses(ablations);
    return runs.map((blocks, at) => ({ blocks, cost: losses[at].value }));
  }
  const ends = runs.map((blocks) => endsOf(anatomy, options.part, blocks));
  const seen = await ask.seen(ends.map(lookAt));
  return runs.map((blocks, at) => {
    const { value, take } = lookAt(ends[at]);
    return { blocks, cost: 1 - (seen.at({ value }, take[0])?.mean ?? 1) };
  });
}

/** Runs of neighbours that all may go. */
function runsOf(able: readonly Candidate[], length: number): number[][] {
  const indices = able.map(({ index }) => index);
  return indices
    .map((first) => Array.from({ length }, (_, i) => first + i))
    .filter((run) => run.every((index) => indices.includes(index)));
}

interface Ends {
  readonly input: string;
  readonly output: string;
}

/** The stream before the first block of a run and behind its last; of a single part before and behind that. */
function endsOf(anatomy: Anatomy, part: BlocksOptions['part'], run: readonly number[]): Ends {
  const blocks = run.flatMap((index) => anatomy.blocks.find((own) => own.index === index) ?? []);
  const single = run.length === 1 && part !== 'block';
  const parts = single
    ? blocks.flatMap(({ subLayers }) => subLayers.filter(({ kind }) => kind === part))
    : blocks;
  return { input: parts[0].input, output: parts[parts.length - 1].output };
}

function lookAt({ input, output }: Ends) {
  const other = { value: output };
  const take = [{ kind: 'cosine with', other }] as const;
  return { value: input, take } satisfies Look;
}

function noRun(count: number): LatheError {
  return new LatheError(
    'blocks-not-contiguous',
    `There are no ${count} blocks side by side that can all go; drop fewer, protect fewer, or let them stand apart.`,
    { count },
  );
}
