import { useQuery } from '@tanstack/react-query';
import type { Report } from '../../../../core/report/types.ts';
import type { ModelView, TryData } from '../../../../../workers/protocol.ts';
import { clients } from '../../../client/clients.ts';
import { useModel } from '../../../state/model-store.ts';
import { useSamples } from '../../../state/samples.ts';
import { tryIt } from '../../../strings/en-try.ts';
import { isOfData } from './answers.ts';
import { useRested } from './use-rested.ts';
import type { Sides } from './sides.ts';

/** Questions wait for each other: the pictures come first. */
const HASH_AFTER_MS = 1500;

/** Stands for the open model with its data: what was answered about others is another answer. */
export function useSubject(): readonly (string | number | undefined)[] {
  const view = useModel((state) => state.view);
  const evaluation = view?.data.evaluation;
  return [view?.sha256, view?.task, evaluation?.name, evaluation?.bytes];
}

/** What the models can be tried on: its size, its hash, its documents. */
export function useTryData(view: ModelView) {
  const subject = useSubject();
  return useQuery({
    queryKey: ['try-data', ...subject],
    // A query may not come to nothing.
    queryFn: async (): Promise<TryData | null> => (await clients().engine.tryData()) ?? null,
    enabled: view.data.evaluation !== undefined,
  });
}

/** Tells whether an evaluation is of the data that is open: looked into when all else has been asked. */
export function useFits(
  view: ModelView,
): (evaluation: NonNullable<Report['evaluation']>) => boolean {
  const subject = useSubject();
  const name = view.data.evaluation?.name;
  const rested = useRested(HASH_AFTER_MS);
  const { data: hash } = useQuery({
    queryKey: ['data-hash', ...subject],
    queryFn: async (): Promise<string | null> => (await clients().engine.dataHash()) ?? null,
    enabled: rested && name !== undefined,
  });
  return (evaluation) => isOfData(evaluation, name, hash ?? undefined);
}

/** What "Write on" begins with: the open sample's own prompts, else one that most language models can continue. */
export function usePrompts(): { readonly prompts: readonly string[]; readonly own: boolean } {
  const origin = useModel((state) => state.view?.origin);
  const { data = [] } = useSamples();
  const open = data.find(({ name }) => origin === `sample:${name}`);
  if (open?.prompt === undefined) return { prompts: [tryIt.writing.promptDefault], own: false };
  return { prompts: [open.prompt, ...(open.prompts ?? [])], own: true };
}

/** Class probabilities of both sides for one example: the same question wherever it is asked. */
export function classifyQuery(
  subject: ReturnType<typeof useSubject>,
  { left, right }: Sides,
  index: number,
) {
  return {
    queryKey: ['classify', ...subject, left.id, right.id, index],
    queryFn: () => clients().engine.classify(right.id, index, left.id),
  };
}

export function examplesQuery(subject: ReturnType<typeof useSubject>, indices: readonly number[]) {
  return {
    queryKey: ['examples', ...subject, ...indices],
    queryFn: () => clients().engine.examples(indices),
  };
}
