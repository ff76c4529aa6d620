import type { Crop, Entry, Preview, PreviewRequest, AfterPicture, Span } from './picture.ts';
import { blockPicture } from './block.ts';
import { gridHistogram, rowsToCount } from './grid-histogram.ts';
import { rowsOf, type Outcome } from './outcome.ts';
import type { Subject } from './pictures.ts';

type Asked = Pick<PreviewRequest, 'sequence' | 'entry' | 'crop' | 'bins'>;

/** Pictures of one layer before and after what was done to it, with the errors that need no data. */
export function previewLayer(
  subject: Subject,
  outcome: Outcome | undefined,
  asked: Asked,
): Omit<Preview, 'milliseconds'> {
  const { frame, weight, overview, histogram } = subject;
  const { rows, columns, minimum, maximum } = frame;
  const crop = cropIn(frame, asked.crop);
  const entry = entryIn(frame, asked.entry);
  return {
    ...{ sequence: asked.sequence, layer: weight.layer.name, rows, columns },
    ...{ overview, minimum, maximum, crop },
    before: { histogram, crop: cut(weight.values, 0, columns, crop) },
    ...(outcome && { after: afterPicture(subject, outcome, crop, asked.bins) }),
    block: blockPicture(subject, outcome, entry, asked.bins),
    ...(outcome?.note !== undefined && { note: outcome.note }),
  };
}

function afterPicture(
  { frame, weight, signal }: Subject,
  outcome: Outcome,
  crop: Crop,
  bins: number,
): AfterPicture {
  const { from, did, compared, histogram } = outcome;
  const { columns } = frame;
  const { from: first, end } = crop.rows;
  const near = outcome.rows(Array.from({ length: end - first }, (_, i) => first + i));
  const relativeError = signal === 0 ? 0 : compared.squaredError / signal;
  const counted = rowsToCount(frame);
  const { coded } = outcome.rows(counted);
  const shape = { rows: counted.length, columns };
  const codes = coded && gridHistogram(coded, shape, rowsOf(weight.values, counted, columns), bins);
  return {
    ...{ from, did, zeros: compared.zeros, relativeError },
    ...(histogram && { histogram }),
    crop: cut(near.values, first, columns, crop),
    ...(codes && { codes }),
    sqnr: relativeError === 0 ? Infinity : -10 * Math.log10(relativeError),
  };
}

/** The crop's part of rows from `first` on. */
function cut(values: Float32Array, first: number, width: number, { rows, columns }: Crop) {
  const picked = Array.from({ length: rows.end - rows.from }, (_, i) => rows.from - first + i);
  const out = new Float32Array(picked.length * (columns.end - columns.from));
  picked.forEach((row, i) => {
    const part = values.subarray(row * width + columns.from, row * width + columns.end);
    out.set(part, i * part.length);
  });
  return out;
}

/** As far as the layer reaches. */
function cropIn({ rows, columns }: Subject['frame'], asked: Crop): Crop {
  const within = ({ from, end }: Span, length: number): Span => ({
    from: Math.max(0, Math.min(from, length - 1)),
    end: Math.max(1, Math.min(end, length)),
  });
  return { rows: within(asked.rows, rows), columns: within(asked.columns, columns) };
}

function entryIn({ rows, columns }: Subject['frame'], { row, column }: Entry): Entry {
  return { row: Math.min(row, rows - 1), column: Math.min(column, columns - 1) };
}
