import { rankCorrelation } from '../../../metrics/rank-correlation.ts';
import type { DecisionNote, NoteTable } from '../../decision-note.ts';
import { levelWords } from './choosable.ts';
import type { MixedPrecisionOptions } from './meta.ts';
import type { Found, Tried } from './search.ts';
import type { Rated, RatedPart, Sensitivities, Thoroughness } from './sensitivity.ts';

const RUN: Readonly<Record<Thoroughness, string>> = {
  every: 'Every level of every layer was measured alone',
  bits: 'Each number of bits was measured alone in every layer; other block sizes and methods are in proportion to the error of its output',
  one: 'One level of every layer was measured alone; the others are in proportion to the error of its output',
  none: 'No level was measured alone',
};

/** What the decision rests on: how it was measured, what was expected beside what came, and how proxies would have done. */
export function noteOf(
  { parts, thoroughness }: Sensitivities,
  { best, tried }: Found,
  { sensitivity, aim, loss }: MixedPrecisionOptions,
): DecisionNote {
  const run = parts.flatMap(({ candidates }) => candidates).filter(({ measured }) => measured);
  const by =
    thoroughness === 'none' ? `; sensitivity is by ${sensitivity}` : ` (${run.length} in all)`;
  const missed = aim === 'loss' && best.truth > limitOf(best, loss);
  return {
    sentences: [
      `${RUN[thoroughness]}${by}.`,
      `Expected ${real(best.predicted)}, measured ${real(best.truth)} ± ${real(best.standardError)} (${best.measure}) with all layers together, on calibration data; before errors are passed on from layer to layer.`,
      ...(missed
        ? ['None of the files that were tried keeps the loss; this one comes nearest.']
        : []),
    ],
    tables: [trialTable(tried), layerTable(parts, best), ...proxyTable(parts)],
  };
}

function limitOf({ measure }: Tried, loss: number): number {
  return measure === 'kl' ? Math.log1p(loss) : loss;
}

function trialTable(tried: readonly Tried[]): NoteTable {
  return {
    title: 'Files that were tried',
    columns: ['bytes', 'expected', 'measured', '±'],
    compares: { expected: 1, measured: 2 },
    rows: tried.map(({ bytes, predicted, truth, standardError }) => {
      return [bytes, real(predicted), real(truth), real(standardError)];
    }),
  };
}

function layerTable(parts: readonly RatedPart[], { levels }: Tried): NoteTable {
  return {
    title: 'What each layer was given',
    columns: ['layer', 'level', 'bytes', 'loss alone'],
    losses: { layers: 0, loss: 3 },
    rows: parts.map(({ part, candidates }, at) => {
      const given: Rated | undefined = candidates[levels[at]];
      const name = part.layers.map((layer) => layer.name).join(', ');
      if (given === undefined) return [name, 'as it is', '', 0];
      return [name, levelWords(given.level), Math.round(given.bytes), real(given.loss)];
    }),
  };
}

/** Rank correlation of each proxy with what was measured. */
function proxyTable(parts: readonly RatedPart[]): readonly NoteTable[] {
  const run = parts.flatMap(({ candidates, linear = 0 }) =>
    candidates.filter(({ measured }) => measured).map((own) => ({ ...own, linear })),
  );
  if (run.length < 3) return [];
  const measured = run.map(({ loss }) => loss);
  const against = (of: (own: (typeof run)[number]) => number): number =>
    real(rankCorrelation(measured, run.map(of)));
  return [
    {
      title: 'Rank correlation with what was measured',
      columns: ['proxy', 'Spearman'],
      rows: [
        ['relative weight error', against((own) => own.weightError)],
        ['relative output error', against((own) => own.outputError)],
        ['linear: noise × weight error', against((own) => own.linear * own.weightError)],
      ],
    },
  ];
}

function real(value: number): number {
  return Number(value.toPrecision(4));
}
