import type { ApartReason } from '../../core/report/trial-difference.ts';

/** Trials put side by side. */
export const compare = {
  title: 'Compare',
  alone: 'This is the only trial of the model. Run another recipe to compare it with.',
  hint: 'Choose two to four trials to put them side by side.',
  tooMany: (names: string) =>
    `Four trials can be compared at once: ${names}. Take one of them out first.`,
  toggle: (name: string) => `Compare ${name}`,
  first: (name: string) => `Measure the others against ${name}`,
  remove: (name: string) => `Take ${name} out of the comparison`,
  clear: 'Compare none',
  chosen: (count: number) => (count === 1 ? '1 trial chosen' : `${count} trials chosen`),
  oneMore: 'choose another one',
  show: 'Show comparison',
  measure: 'Measure',
  picture: 'Picture',
  pictureOf: (name: string, values: string) => `${name}: ${values}`,
  against: (a: string, b: string) => `${b} − ${a}`,
  original: 'original',
  size: 'Size',
  bits: 'Bits per weight',
  latency: (device: string, tokens?: number) =>
    tokens === undefined ? `Latency, ${device}` : `Latency, ${device}, ${tokens} tokens`,
  better: { lower: 'lower is better', higher: 'higher is better' },
  paired: 'paired',
  shared: (count: number) => `paired over the ${count} both were measured on`,
  unpaired: 'not paired',
  pairedHelp:
    'Paired: both were measured on the same texts or examples, and what both find hard cancels in the difference.',
  unpairedHelp:
    'Not paired: a report holds this measure as a total only, so the errors of both are added. The true error is smaller.',
  bandHelp:
    'Marks are the trials, the dashed line is the original. Bars are two standard errors; of times, they reach up to nine in ten runs.',
  apart: {
    missing: 'not measured on both',
    models: 'different models',
    data: 'different data',
    protocol: 'measured in different ways',
  } satisfies Record<ApartReason, string>,
  recipes: 'What differs in the recipes',
  from: (a: string, b: string) => `From ${a} to ${b}`,
  same: 'The recipes are the same.',
  step: (number: number, title: string) => `Step ${number} ${title}`,
  stepMoved: (from: number, to: number, title: string) =>
    `Step ${to} ${title} (step ${from} there)`,
  only: (step: string, side: string) => `${step}: only in ${side}`,
  arrow: (from: string, to: string) => `${from} → ${to}`,
  on: 'on',
  off: 'off',
  none: 'none',
  switchedOff: 'switched off',
  differs: (title: string) => `${title} differs`,
  seed: (from: number, to: number) => `Seed: ${from} → ${to}`,
  calibration: {
    title: 'Calibration',
    data: 'data',
    samples: 'samples',
    length: 'length',
  },
  layers: 'Layer by layer',
  layersLead: (a: string, b: string) =>
    `Error of ${b} minus error of ${a}, biggest difference first; then by bytes.`,
  layer: 'Layer',
  bytes: 'Bytes',
  error: 'Error',
  kinds: { output: 'output error', weight: 'weight error' },
  noLayers: 'Neither changes a layer.',
  layersOfModels: 'Layers of different models are not compared.',
  leftOut: (count: number) =>
    count === 1
      ? '1 layer has no difference of errors: they are of different kinds, or only one trial has one.'
      : `${count} layers have no difference of errors: they are of different kinds, or only one trial has one.`,
  more: (count: number) => `Show all ${count}`,
  fewer: 'Show fewer',
  up: 'more error',
  down: 'less error',
  pair: 'Pair',
  side: 'Try side by side',
  sideClosed: (model: string) => `Open ${model} to try them side by side.`,
  sideShipped: 'A trial measured by the project has to be computed here before it can be tried.',
  sideModels: 'Models that differ cannot be tried side by side.',
} as const;
