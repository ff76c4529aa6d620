import { describe, expect, it } from 'vitest';
import type { Outcome } from './outcome.ts';
import type { Subject } from './pictures.ts';
import { spectrumOf } from './spectrum.ts';

const SUBJECT = {
  frame: { rows: 2, columns: 3 },
  weight: { values: Float32Array.of(3, 0, 0, 0, 0, 2) },
} as unknown as Subject;

describe('singular values for a picture', () => {
  it('are those of the weight, largest first', () => {
    expect([...spectrumOf(SUBJECT, undefined).before]).toEqual([3, 2]);
  });

  it('end where a low-rank form was cut', () => {
    const cut = { rows: () => ({ values: Float32Array.of(3, 0, 0, 0, 0, 0) }) };
    const { after } = spectrumOf(SUBJECT, cut as unknown as Outcome);
    expect([...(after ?? [])]).toEqual([3, 0]);
  });
});
