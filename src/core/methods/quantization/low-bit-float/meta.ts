import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';
import { uniformFields } from '../uniform-options.ts';
import { uniformBits } from '../uniform-bits.ts';

export const options = z.strictObject({
  format: z
    .enum(['nf4', 'fp4-e2m1', 'fp4', 'fp6-e2m3', 'fp6-e3m2', 'fp8-e4m3', 'fp8-e5m2'])
    .default('nf4')
    .meta({
      title: 'Format',
      description:
        '"nf4" has its 16 values where weights that are normally distributed lie; "fp4-e2m1" is the 4-bit float of MXFP4, "fp4" that of bitsandbytes; fp6 and fp8 keep more. e4m3 means 4 bits of exponent, 3 of mantissa.',
    }),
  blockSize: uniformFields.blockSize.default(64).meta({
    title: 'Block size',
    description:
      'How many weights share one scale. QLoRA takes 64, microscaling (MXFP4) 32; "channel" gives each output one scale, "tensor" one for the whole matrix.',
    when: { option: 'scales', in: ['float32', 'float16', 'double', 'power-of-two'] },
  }),
  scales: z.enum(['float32', 'float16', 'double', 'power-of-two', 'none']).default('float32').meta({
    title: 'Scale type',
    description:
      '"float32" lets onnxruntime multiply with nf4 and fp4 directly. "double" stores the scales in 8 bits themselves (QLoRA), "power-of-two" as 8-bit exponents (with fp4-e2m1 and blocks of 32 that is MXFP4), "none" rounds weights as they are.',
  }),
});

type Options = z.infer<typeof options>;

/** What transformers.js calls files whose weights onnxruntime's MatMulBnb4 multiplies with. */
function isBnb4({ format, blockSize, scales }: Options): boolean {
  return (
    (format === 'nf4' || format === 'fp4') && scales === 'float32' && typeof blockSize === 'number'
  );
}

export const meta = {
  id: 'low-bit-float',
  family: 'quantization',
  title: 'Low-bit float',
  summary:
    'Weights in 4-, 6- or 8-bit floats (NF4, E2M1, E2M3, E3M2, E4M3, E5M2), with scales per block that may be coded themselves (double quantization, MX).',
  plain:
    'Replaces every weight by the nearest of a few values that lie close together around zero, where most weights are.',
  paper: {
    authors: 'Dettmers, Pagnoni, Holtzman, Zettlemoyer',
    year: 2023,
    title: 'QLoRA: Efficient Finetuning of Quantized LLMs',
    arxiv: '2305.14314',
  },
  cost: 'low',
  needs: [],
  accepts: ['MatMul', 'Gemm', 'Conv', 'Gather'],
  baseline: 'round-to-nearest',
  baselineOptions: ({ format, scales }) => ({
    bits: uniformBits(Number(/\d/.exec(format)?.[0])),
    scales: scales === 'float32' ? 'float32' : 'float16',
  }),
  options,
  pictures: 'weight',
  short: ({ format, blockSize, scales }) =>
    scales === 'none' ? format : `${format} ${blockSize}${SAID[scales]}`,
  suffix: (chosen) => (isBnb4(chosen) ? 'bnb4' : wordOf(chosen)),
} as const satisfies MethodMeta<typeof options>;

const SAID = { float32: '', float16: '', double: ' double', 'power-of-two': ' MX' } as const;

/** `fp8`, `nf4`; transformers.js knows none of them. */
function wordOf({ format }: Options): string {
  return format.replace(/-.*/, '');
}
