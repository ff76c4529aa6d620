import { toCsv } from '../../../format/csv.ts';
import type { LayerRow } from './layer-rows.ts';

const HEADER = [
  'layer',
  'block',
  'role',
  'outFeatures',
  'inFeatures',
  'bytesBefore',
  'bytesAfter',
  'bitsPerWeight',
  'bits',
  'error',
  'baselineError',
  'errorKind',
  'errorsOf',
  'reason',
] as const;

/** The table with full precision; `errorsOf` names the trial the errors are of. */
export function layersCsv(rows: readonly LayerRow[], errorsOf: string | undefined): string {
  return toCsv(
    HEADER,
    rows.map((row) => [
      row.name,
      row.layer.block,
      row.layer.role,
      row.layer.outFeatures,
      row.layer.inFeatures,
      row.bytesBefore,
      row.bytesAfter,
      row.bits,
      row.choice === undefined ? undefined : String(row.choice.bits),
      row.error,
      row.baselineError,
      row.errorKind,
      row.error === undefined ? undefined : errorsOf,
      row.reason,
    ]),
  );
}
