import type { Lab, Run } from '../../numbers/lab.ts';
import { attempt, shown, type Check, type Line } from '../../numbers/types.ts';
import { PRODUCTS } from '../variants.ts';

/** llama.cpp's best type with an importance matrix on the same layers, tokens and windows of prose. */
interface Rival {
  readonly type: string;
  readonly bits: number;
  readonly kl: number;
  /** KL of ours over theirs, at most. */
  readonly share: number;
  readonly options: object;
}

const FITTED = { symmetric: false, clip: 'output', order: 'blocks' };

const RIVALS: readonly Rival[] = [
  {
    ...{ type: 'q4_K', bits: 4.5, kl: 0.00539, share: 0.75 },
    options: { ...FITTED, bits: 4, blockSize: 32, scales: '6 bits', zeros: 'packed', refine: 4 },
  },
  {
    ...{ type: 'iq3_s', bits: 3.5, kl: 0.02034, share: 0.75 },
    options: { ...FITTED, bits: 3, blockSize: 16, scales: '4 bits', zeros: 'packed', refine: 4 },
  },
  {
    ...{ type: 'iq2_s', bits: 2.563, kl: 0.0766, share: 0.65 },
    options: {
      ...FITTED,
      bits: 2,
      blockSize: 16,
      scales: '4 bits',
      zeros: 'half codes',
      refine: 6,
    },
  },
];

/** Training with codes as fine as those of {@link RIVALS}' last, whose KL is to be halved. */
const TRAINED = { bits: 2, blockSize: 32, scales: 'float16', steps: 200, batchSize: 8 };
const HALF = 0.5;

/** A whole file of llama.cpp's, embedding in q6_K, the head tied to it. */
interface WholeFile {
  readonly mix: string;
  readonly bytes: number;
  readonly kl: number;
}

const FILES: readonly WholeFile[] = [
  { mix: 'Q4_K_M', bytes: 2_070_000, kl: 0.00365 },
  { mix: 'Q3_K_M', bytes: 1_741_000, kl: 0.01265 },
  { mix: 'IQ2_M', bytes: 1_365_000, kl: 0.0424 },
];
const WHOLE = 0.8;

export const againstGgml: Line = {
  number: 7,
  claim:
    'prose against llama.cpp with an importance matrix, at no more bits: the 28 linear layers without training KL ≤ 0.75 × at 4.5 and 3.5 bits and ≤ 0.65 × at 2.6, with training ≤ 0.5 ×; whole files KL ≤ 0.8 × at no more bytes',
  checks: async function* (lab) {
    for (const rival of RIVALS) yield await beaten(lab, rival);
    yield await trained(lab, RIVALS[RIVALS.length - 1]);
    for (const file of FILES) yield await wholeFile(lab, file);
  },
};

/** 2 bits, scales of 16 and zero points of 2 bits for 32 weights: 2.5625 bits a weight. */
function trained(lab: Lab, { type, bits, kl }: Rival): Promise<Check> {
  return attempt(`at ${bits} bits, trained: KL ≤ ${HALF} × ${type}’s ${kl}`, async () => {
    const step = { method: 'qat', target: PRODUCTS, options: TRAINED };
    return against(await lab.run('prose', [step]), kl, HALF);
  });
}

function wholeFile(lab: Lab, { mix, bytes, kl }: WholeFile): Promise<Check> {
  return attempt(`whole file, ${bytes} bytes: KL ≤ ${WHOLE} × ${mix}’s ${kl}`, async () => {
    const methods = ['qronos', 'round-to-nearest'];
    const options = { aim: 'size', budget: bytes, methods, grids: 'fitted', scales: 'float16' };
    const step = { method: 'mixed-precision', target: { all: true }, options };
    return against(await lab.run('prose', [step], { samples: 64 }), kl, WHOLE);
  });
}

function against({ report }: Run, theirs: number, share: number): Omit<Check, 'what'> {
  const ours = report.evaluation?.compressed.kl;
  if (ours === undefined) throw new Error('KL was not measured.');
  const found = `${shown(ours)} (n ${ours.n}), ${(ours.value / theirs).toPrecision(3)} ×; the file ${report.after.bytes} bytes`;
  return { found, holds: ours.value <= share * theirs };
}

function beaten(lab: Lab, { type, bits, kl, share, options }: Rival): Promise<Check> {
  return attempt(`at ${bits} bits: KL ≤ ${share} × ${type}’s ${kl}`, async () => {
    const step = { method: 'qronos', target: PRODUCTS, options };
    return against(await lab.run('prose', [step], { samples: 64 }), kl, share);
  });
}
