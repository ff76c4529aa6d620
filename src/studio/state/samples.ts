import { useQuery } from '@tanstack/react-query';
import { loadSamples } from '../files/samples.ts';
import { en } from '../strings/en.ts';
import { useModel } from './model-store.ts';

/** The samples that ship with the page, asked for once. */
export function useSamples() {
  return useQuery({
    queryKey: ['samples'],
    queryFn: ({ signal }) => loadSamples(signal),
  });
}

/** What "Try it" begins with: the open sample's own prompt, else one that most language models can continue. */
export function useSamplePrompt(): string {
  const origin = useModel((state) => state.view?.origin);
  const { data = [] } = useSamples();
  const open = data.find(({ name }) => origin === `sample:${name}`);
  return open?.prompt ?? en.tryIt.promptDefault;
}
