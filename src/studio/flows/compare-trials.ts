import { notify } from '../state/notice-store.ts';
import { knownTrial, modelTrials } from '../state/trials.ts';
import { toggleCompared, useView } from '../state/view-store.ts';
import { compare as t } from '../strings/en-compare.ts';

/** Makes a trial the one that the others are measured against. */
export function compareFirst(id: string): void {
  useView.setState(({ compared }) => ({ compared: [id, ...compared.filter((one) => one !== id)] }));
}

/** Puts a trial among those that are compared, or takes it out. Nothing is replaced: one too many is refused in words. */
export function compareTrial(id: string): void {
  if (toggleCompared(id)) return;
  const names = useView.getState().compared.map((other) => knownTrial(other)?.name ?? other);
  notify(t.tooMany(names.join(', ')));
}

/**
 * Puts a trial among those that are compared; where it would stand alone, beside the last other one of the open model,
 * which comes first: the others are measured against it. Where there is none, says so.
 */
export async function compareWithAnother(id: string): Promise<void> {
  if (!useView.getState().compared.includes(id)) compareTrial(id);
  if (useView.getState().compared.length > 1) return;
  const trials = await modelTrials();
  const other = trials.find((trial) => trial.state === 'done' && trial.id !== id);
  if (other === undefined) notify(t.alone);
  else compareFirst(other.id);
}
