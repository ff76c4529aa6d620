import type { Report } from '../../core/report/types.ts';
import type { Device } from '../../runtime/types.ts';
import { NOT_COMPARED } from '../measure/measure.ts';
import type { TrialStore } from './store.ts';
import type { Trial } from './types.ts';

/**
 * The trial of the very same run, where it is finished, its file is there, and there is nothing left to measure on
 * this device. One that was measured elsewhere, whose measuring was ended
 * early, or that a cancel left without a comparison of devices, is not.
 */
export async function finishedBefore(
  store: TrialStore,
  id: string,
  device: Device,
): Promise<Trial | undefined> {
  try {
    const trial = await store.get(id);
    if (trial.state !== 'done' || trial.elsewhere) return undefined;
    if (!isWhole(trial.report, device)) return undefined;
    await store.written(id);
    return trial;
  } catch {
    return undefined;
  }
}

function isWhole(report: Report | undefined, device: Device): boolean {
  if (report?.evaluation === undefined || report.notMeasured !== undefined) return false;
  const { evaluation, parity } = report;
  const ended = evaluation.stopped !== undefined || parity?.reason === NOT_COMPARED;
  return !ended && report.device?.measured === device;
}
