import { enWeights as t } from '../../../strings/en-weights.ts';
import type { Shown } from './use-preview.ts';

type Told = Pick<Shown, 'step' | 'targeted' | 'measured' | 'preview'>;

/** Where the picture comes from, and why it is not the file's; undefined where that goes without saying. */
export function noteOf({ step, targeted, measured, preview }: Told): string | undefined {
  const { trial, lost } = measured;
  const after = preview?.after;
  if (trial !== undefined && after?.from === 'file') {
    return after.relativeError === 0 ? t.measuredAlone(trial.name) : t.measured(trial.name);
  }
  if (step === undefined) return t.noStep;
  if (!targeted) return t.notTargeted;
  if (trial !== undefined && lost !== undefined) return t.lost(trial.name, lost);
  if (trial?.shipped) return [t.shipped(trial.name), preview?.note ?? ''].join(' ').trim();
  return preview?.note;
}
