import type { Action, Entry, Found } from './entries.ts';
import type { Outcome } from './cells.ts';
import { evaluated, inspected, reported } from './reports.ts';

/** A cell of the table: what is shown, and whether it is what it should be. */
export interface Cell {
  readonly text: string;
  readonly right: boolean;
}

/** Whether an action came out as the entry says: done with the right findings, or refused with its sentence. */
export function judge(entry: Entry, action: Action, outcome: Outcome): Cell {
  const refusal = entry.refused?.[action];
  if (!outcome.done) {
    const right = refusal !== undefined && outcome.text.includes(refusal);
    return { text: right ? 'refused' : `FAILED: ${outcome.text}`, right };
  }
  if (refusal !== undefined) return { text: 'not refused', right: false };
  return done(entry, action, outcome.json);
}

function done({ found }: Entry, action: Action, json: unknown): Cell {
  if (action === 'inspect') return foundParts(found, json);
  if (action === 'generate') return { text: 'done', right: true };
  if (action === 'evaluate') return { text: shown(evaluated.parse(json).model), right: true };
  const { before, after, verified, notMeasured, evaluation } = reported.parse(json);
  const size = `×${(after.bytes / before.bytes).toFixed(2)}`;
  const quality = evaluation ? shown(evaluation.compressed) : `not measured: ${notMeasured ?? '?'}`;
  return { text: `${size} ${quality}`, right: verified && evaluation !== undefined };
}

const SHOWN = ['perplexity', 'accuracy', 'agreement', 'cosine', 'kl', 'relativeError'] as const;

function shown(metrics: Readonly<Record<string, { value: number } | undefined>>): string {
  const name = SHOWN.find((candidate) => metrics[candidate] !== undefined);
  return name === undefined ? 'no measure' : `${name} ${metrics[name]?.value.toPrecision(4)}`;
}

/** Each number of the README against what was recognised. */
function foundParts(found: Found, json: unknown): Cell {
  const { task, anatomy } = inspected.parse(json);
  const [block] = anatomy.blocks;
  const is: Record<keyof Found, number | string | undefined> = {
    blocks: anatomy.blocks.length,
    heads: block?.heads,
    keyValueHeads: block?.keyValueHeads,
    headSize: block?.headSize,
    feedForwardWidth: block?.feedForwardWidth,
    vocabularySize: anatomy.vocabularySize,
    task,
  };
  const wrong = Object.entries(found).flatMap(([name, wanted]) => {
    const seen = is[name as keyof Found];
    return seen === wanted ? [] : [`${name} ${String(seen)}, not ${String(wanted)}`];
  });
  return { text: wrong.join('; ') || `${is.blocks} blocks`, right: wrong.length === 0 };
}
