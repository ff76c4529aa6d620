import { expect, it } from 'vitest';
import { fewRowsWarning } from './warnings.ts';

it('speaks when rows < columns and only then', () => {
  expect(fewRowsWarning({ rows: 64, columns: 64 })).toBeUndefined();
  expect(fewRowsWarning({ rows: 63, columns: 64 })).toBe(
    'Calibration gave 63 rows for 64 columns, so the second moments cannot have full rank and damping decides the rest; use at least 64 tokens or examples.',
  );
});
