import type { Lab } from '../../numbers/lab.ts';
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

export const againstGgml: Line = {
  number: 7,
  claim:
    'prose, the 28 linear layers, without training: at no more bits KL ≤ 0.75 × llama.cpp’s with an importance matrix at 4.5 and 3.5 bits, ≤ 0.65 × at 2.6',
  checks: async function* (lab) {
    for (const rival of RIVALS) yield await beaten(lab, rival);
  },
};

function beaten(lab: Lab, { type, bits, kl, share, options }: Rival): Promise<Check> {
  return attempt(`at ${bits} bits: KL ≤ ${share} × ${type}’s ${kl}`, async () => {
    const step = { method: 'qronos', target: PRODUCTS, options };
    const { report } = await lab.run('prose', [step], { samples: 64 });
    const ours = report.evaluation?.compressed.kl;
    if (ours === undefined) throw new Error('KL was not measured.');
    const found = `${shown(ours)} (n ${ours.n}), ${(ours.value / kl).toPrecision(3)} ×; the file ${report.after.bytes} bytes`;
    return { found, holds: ours.value <= share * kl };
  });
}
