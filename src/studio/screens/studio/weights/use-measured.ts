import { useQuery } from '@tanstack/react-query';
import type { MeasuredFile, Trial } from '../../../../../workers/protocol.ts';
import { clients } from '../../../client/clients.ts';
import { useBenchTrial } from '../../../state/bench.ts';

/** The trial that the bench has led to, and its file as far as this browser has it. */
export interface Measured {
  readonly trial?: Trial;
  readonly file?: MeasuredFile;
  /** Why there is no file although there should be. */
  readonly lost?: string;
  /** The file is on its way. */
  readonly waiting: boolean;
}

/** The file of the trial that the recipe on the bench has led to. A handle: nothing is copied. */
export function useMeasured(): Measured {
  const trial = useBenchTrial();
  const kept = trial !== undefined && trial.shipped !== true;
  const version = `${trial?.id} ${trial?.createdAt}`;
  const { data, error, isLoading } = useQuery({
    queryKey: ['trial file', version],
    queryFn: () => fileOf(trial, version),
    enabled: kept,
    gcTime: 0,
  });
  return {
    ...(trial && { trial }),
    ...(kept && data && { file: data }),
    ...(kept && error && { lost: error.message }),
    waiting: kept && isLoading,
  };
}

async function fileOf(trial: Trial | undefined, version: string): Promise<MeasuredFile | null> {
  if (trial === undefined) return null;
  const blob = await clients().engine.file(trial.id);
  const active = trial.recipe.steps.filter(({ disabled }) => disabled !== true);
  const steps = active.map(({ method, options }) => ({ method, options }));
  return { trial: version, blob, steps };
}
