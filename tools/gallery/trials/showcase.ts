import { encode } from 'fast-png';
import { parseDataset } from '../../../src/core/data/parse-dataset.ts';
import type { Sample, Thumbnail } from '../../../src/core/data/samples.ts';
import type { ExampleDataset } from '../../../src/core/data/types.ts';
import type { Metrics } from '../../../src/core/metrics/types.ts';
import type { ShippedTrials } from '../../../src/core/report/shipped.ts';

const PICTURES = 4;
const WORDS = 120;
/** Two samples share their pictures: each shows others, from this one on. */
const PICTURED: Readonly<Record<string, number>> = { handwriting: 1000 };

/** What the cards of the gallery show without fetching anything more. */
export function showcaseOf(
  shipped: ShippedTrials,
  evaluation: { readonly name: string; readonly bytes: Uint8Array },
): Pick<Sample, 'figures' | 'frontier' | 'thumbnail'> {
  const [{ report }] = shipped.trials;
  const original = report.evaluation?.original ?? {};
  const metric = original.perplexity === undefined ? 'accuracy' : 'perplexity';
  const point = (bytes: number, metrics: Metrics | undefined) => {
    const { value = NaN, standardError = NaN } = metrics?.[metric] ?? {};
    return { bytes, value, standardError };
  };
  const pictures = PICTURED[shipped.model.name] ?? 0;
  return {
    figures: { [metric]: original[metric] },
    frontier: {
      metric,
      original: point(report.before.bytes, original),
      points: shipped.trials.map(({ name, report: { after, evaluation } }) => ({
        name,
        ...point(after.bytes, evaluation?.compressed),
      })),
    },
    thumbnail: thumbnailOf(evaluation, pictures),
  };
}

function thumbnailOf(
  file: { readonly name: string; readonly bytes: Uint8Array },
  from: number,
): Thumbnail {
  const dataset = parseDataset(file);
  if (dataset.kind === 'examples') return { kind: 'pictures', images: picturesOf(dataset, from) };
  if (dataset.kind !== 'text') throw new Error(`${file.name} has nothing to show`);
  return { kind: 'text', text: beginning(dataset.documents[0]) };
}

/** Whole words, so that it can be read. */
function beginning(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  if (line.length <= WORDS) return line;
  return `${line.slice(0, line.lastIndexOf(' ', WORDS))} …`;
}

/** The first examples of different classes, as small PNGs. */
function picturesOf({ arrays, labels, count }: ExampleDataset, from: number): string[] {
  const [{ data, dims }] = Object.values(arrays);
  const [height, width] = dims.slice(-2);
  const seen = new Set<number>();
  for (let at = from; at < count && seen.size < PICTURES; at++) {
    const known = [...seen].some((other) => labels?.[other] === labels?.[at]);
    if (!known) seen.add(at);
  }
  return [...seen].map((at) => {
    const pixels = Array.from({ length: width * height }, (_, i) =>
      Number(data[at * width * height + i]),
    );
    const bright = Math.max(...pixels) > 1 ? 1 : 255;
    const grey = Uint8Array.from(pixels, (value) => Math.round(value * bright));
    const png = encode({ width, height, data: grey, channels: 1, depth: 8 });
    return `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
  });
}
