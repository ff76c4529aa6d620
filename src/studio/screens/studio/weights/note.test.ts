import { expect, it } from 'vitest';
import type { AfterPicture, Preview, Trial } from '../../../../../workers/protocol.ts';
import { noteOf } from './note.ts';
import { outputErrorOf } from './output-error.ts';

const step = { key: 'a', method: 'm', target: 'all', options: {} } as const;
const trial = { name: 'tiny', state: 'done' } as Trial;
const STANDS_IN = 'M needs calibration data: until it runs, this shows N.';

function preview(from: AfterPicture['from'], relativeError = 0.1, note?: string): Preview {
  return { after: { from, relativeError }, note } as unknown as Preview;
}

const NONE = { waiting: false };

it('a stand-in says so until the trial was measured, and then never again', () => {
  const shown = preview('preview', 0.1, STANDS_IN);
  expect(noteOf({ step, targeted: true, measured: NONE, preview: shown })).toBe(STANDS_IN);
  const measured = { ...NONE, trial };
  expect(noteOf({ step, targeted: true, measured, preview: preview('file') })).toBe(
    'From the measured file of tiny.',
  );
});

it('a layer that the trial left alone is said to be, whatever the step', () => {
  const measured = { ...NONE, trial };
  expect(noteOf({ targeted: false, measured, preview: preview('file', 0) })).toBe(
    'From the measured file of tiny: it left this layer alone.',
  );
});

it('a trial without a file says why it is computed here', () => {
  const shipped = { ...NONE, trial: { ...trial, shipped: true } as const };
  expect(
    noteOf({ step, targeted: true, measured: shipped, preview: preview('preview', 1, STANDS_IN) }),
  ).toBe(
    `tiny was measured by the project and its file is not in this browser, so this is computed here. Run the recipe to look at its own bytes. ${STANDS_IN}`,
  );
  const lost = { ...NONE, trial, lost: 'It is gone.' };
  expect(noteOf({ step, targeted: true, measured: lost, preview: preview('preview') })).toBe(
    'The file of tiny cannot be read, so this is computed here. It is gone.',
  );
});

it('a picture without a step says that', () => {
  expect(noteOf({ targeted: false, measured: NONE })).toBe(
    'No step works on this layer, so this is the weight as it is.',
  );
  expect(noteOf({ step, targeted: false, measured: NONE })).toBe(
    'This step leaves the selected layer alone.',
  );
  expect(
    noteOf({ step, targeted: true, measured: NONE, preview: preview('preview') }),
  ).toBeUndefined();
});

it('an output error is told where the trial measured one, and no weight error is taken for it', () => {
  const line = (name: string, errorKind: string, relativeError: number) => {
    return { name, errorKind, relativeError };
  };
  const report = { layers: [line('a', 'output', 0.1), line('b', 'weight', 0.2)] };
  const measured = { ...trial, report } as unknown as Trial;
  expect(outputErrorOf(measured, 'a')).toBe(0.1);
  expect(outputErrorOf(measured, 'b')).toBeUndefined();
  expect(outputErrorOf(undefined, 'a')).toBeUndefined();
});
