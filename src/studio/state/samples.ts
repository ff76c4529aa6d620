import { useQuery } from '@tanstack/react-query';
import { loadSamples } from '../files/samples.ts';

/** The samples that ship with the page, asked for once. */
export function useSamples() {
  return useQuery({
    queryKey: ['samples'],
    queryFn: ({ signal }) => loadSamples(signal),
  });
}
