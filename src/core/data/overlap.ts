import { bytesOf, hashBytes, hashText } from './fingerprint.ts';
import type { Dataset, ExampleDataset, PairDataset, TextDataset } from './types.ts';

export interface Overlap {
  /** How many of the evaluation's units are in the calibration too … */
  readonly shared: number;
  /** … of how many. */
  readonly total: number;
  /** Runs of 13 words, or whole examples. */
  readonly unit: 'passages' | 'examples';
  /** Set when the overlap is large enough to make scores look too good. */
  readonly sentence?: string;
}

/** The length of runs of words that GPT-3's authors compared (Brown et al. 2020, appendix C). */
const WORDS = 13;
/** Stock phrases are shared by any two texts of one kind; above this share it is more than that. */
const TOLERATED_SHARE = 0.01;

/**
 * How much of the evaluation data the calibration data holds: runs of 13 words (lower case, without
 * punctuation; a shorter document counts as one run), or identical examples. Compared by 53-bit
 * fingerprints: a false hit among a million runs has a probability of about 1e-4.
 */
export function overlap(calibration: Dataset, evaluation: Dataset): Overlap {
  if (calibration.kind === 'text' && evaluation.kind === 'text') {
    return passages(calibration, evaluation);
  }
  if (calibration.kind === 'examples' && evaluation.kind === 'examples') {
    return examples(calibration, evaluation);
  }
  if (calibration.kind === 'pairs' && evaluation.kind === 'pairs') {
    return passages(sourcesOf(calibration), sourcesOf(evaluation));
  }
  return { shared: 0, total: 0, unit: 'examples' };
}

function sourcesOf({ name, sources }: PairDataset): TextDataset {
  return { kind: 'text', name, documents: sources };
}

/** Tells of a text whether it has a run of 13 words in common with any of the documents. */
export function sharesPassage(documents: readonly string[]): (text: string) => boolean {
  const seen = new Set(documents.flatMap((text) => [...runsOf(text)]));
  return (text) => [...runsOf(text)].some((run) => seen.has(run));
}

function passages(calibration: TextDataset, evaluation: TextDataset): Overlap {
  const seen = new Set<number>();
  for (const text of calibration.documents) for (const run of runsOf(text)) seen.add(run);
  let total = 0;
  let shared = 0;
  for (const text of evaluation.documents) {
    for (const run of runsOf(text)) {
      total++;
      if (seen.has(run)) shared++;
    }
  }
  const share = total === 0 ? 0 : shared / total;
  const sentence =
    share > TOLERATED_SHARE
      ? `${percent(share)} of the evaluation text "${evaluation.name}" is also in the calibration text "${calibration.name}", so its scores would look better than they are; use texts that share nothing.`
      : undefined;
  return { shared, total, unit: 'passages', sentence };
}

function* runsOf(text: string): Generator<number> {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const last = Math.max(0, words.length - WORDS);
  if (words.length === 0) return;
  for (let at = 0; at <= last; at++) yield hashText(words.slice(at, at + WORDS).join(' '));
}

function examples(calibration: ExampleDataset, evaluation: ExampleDataset): Overlap {
  const seen = new Set(fingerprints(calibration));
  const shared = fingerprints(evaluation).filter((print) => seen.has(print)).length;
  const total = evaluation.count;
  const sentence =
    shared > 0
      ? `${shared} of the ${total} evaluation examples in "${evaluation.name}" ${shared === 1 ? 'is' : 'are'} also in the calibration data "${calibration.name}", so the scores would look better than they are; take them out of one of the two.`
      : undefined;
  return { shared, total, unit: 'examples', sentence };
}

/** One number for each example, from the bytes of all its arrays (labels and filling left aside). */
function fingerprints({ arrays, count, ragged }: ExampleDataset): number[] {
  const names = Object.keys(arrays).sort();
  return Array.from({ length: count }, (_, index) => {
    const prints = names.map((name) => {
      const bytes = bytesOf(arrays[name].data);
      const size = bytes.length / count;
      const filled = ragged?.names.includes(name)
        ? ragged.lengths[index] / arrays[name].dims[1]
        : 1;
      return hashBytes(bytes.subarray(index * size, index * size + filled * size));
    });
    return prints.length === 1 ? prints[0] : hashText(prints.join(' '));
  });
}

function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
}
