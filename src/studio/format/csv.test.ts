import { expect, it } from 'vitest';
import { toCsv } from './csv.ts';

it('quotes what needs quotes and disarms formulas', () => {
  expect(
    toCsv(
      ['name', 'bytes'],
      [
        ['a "b", c', 12],
        ['=1+1', undefined],
      ],
    ),
  ).toBe('name,bytes\r\n"a ""b"", c",12\r\n\'=1+1,\r\n');
});
