import { useModel } from './model-store.ts';

/** Names the open model with its calibration data; undefined without a model. */
export function calibrationSubject({ view } = useModel.getState()): string | undefined {
  if (view === undefined) return undefined;
  const { calibration } = view.data;
  return [view.sha256, view.task, calibration?.name, calibration?.bytes].join(' ');
}
