import { useDeferredValue, useMemo } from 'react';
import { useBenchTrial } from '../../../state/bench.ts';
import { useJob } from '../../../state/job-store.ts';
import { useShownTrial } from '../../../state/trials.ts';
import type { LayerErrors } from './layer-rows.ts';

/** Errors of layers, and whose they are: never taken for those of the recipe on the bench when they are not. */
export interface ShownErrors {
  readonly errors: LayerErrors;
  readonly of: 'bench' | 'run' | 'other' | 'nothing';
  /** Name of the other trial. */
  readonly name?: string;
}

const NONE: ShownErrors = { errors: new Map(), of: 'nothing' };

/** Of the run in progress; else of the trial that the recipe on the bench has led to; else, quietly, of the shown one. */
export function useErrors(): ShownErrors {
  const running = useJob((state) => state.running);
  const live = useDeferredValue(useJob((state) => state.layers));
  const bench = useBenchTrial();
  const shown = useShownTrial();
  return useMemo((): ShownErrors => {
    if (running) return { errors: new Map(Object.entries(live)), of: 'run' };
    const trial = bench ?? shown;
    if (trial?.report === undefined) return NONE;
    const errors = new Map(trial.report.layers.map((layer) => [layer.name, layer]));
    return { errors, of: trial === bench ? 'bench' : 'other', name: trial.name };
  }, [running, live, bench, shown]);
}
