/** One way to quantize, with the options it adds to bits and block. */
export interface Variant {
  readonly name: string;
  readonly method: string;
  readonly options: object;
  /** It looks at calibration data. */
  readonly calibrated?: boolean;
  /** It trains, which takes minutes: at so many bits or fewer. */
  readonly trainedUpTo?: number;
  /** At every block, not at 32 alone: enough to see what blocks do. */
  readonly everyBlock?: boolean;
}

const FITTED = { symmetric: false, clip: 'output', order: 'blocks', refine: 4 };

/** From the baseline on, in the order of the table. */
export const VARIANTS: readonly Variant[] = [
  { name: 'rtn', method: 'round-to-nearest', options: {}, everyBlock: true },
  { name: 'rtn+mse', method: 'round-to-nearest', options: { clip: 'mse' } },
  { name: 'rtn+exact', method: 'round-to-nearest', options: { clip: 'exact' } },
  {
    name: 'rtn+search',
    method: 'round-to-nearest',
    options: { clip: 'search' },
    calibrated: true,
  },
  { name: 'hqq', method: 'hqq', options: {}, everyBlock: true },
  { name: 'oscar', method: 'oscar', options: {}, calibrated: true },
  { name: 'awq', method: 'awq', options: {}, calibrated: true },
  { name: 'gptq', method: 'gptq', options: {}, calibrated: true, everyBlock: true },
  { name: 'gptq+order', method: 'gptq', options: { order: 'blocks' }, calibrated: true },
  { name: 'qronos', method: 'qronos', options: {}, calibrated: true },
  { name: 'gptq+fitted', method: 'gptq', options: FITTED, calibrated: true },
  {
    ...{ name: 'qronos+fitted', method: 'qronos', options: FITTED },
    ...{ calibrated: true, everyBlock: true },
  },
  { name: 'learned-rounding', method: 'learned-rounding', options: {}, trainedUpTo: 3 },
  { name: 'qat', method: 'qat', options: { steps: 200, batchSize: 8 }, trainedUpTo: 2 },
];

/** Those of a table at these bits and this block. */
export function variantsAt(bits: number, blockSize: number): readonly Variant[] {
  return VARIANTS.filter(
    ({ trainedUpTo = bits, everyBlock }) =>
      bits <= trainedUpTo && (blockSize === 32 || everyBlock === true),
  );
}

/** Linear layers: embedding and output head stay as they are, so that methods are compared on the same weights. */
export const PRODUCTS = { all: true, except: ['embedding', 'output-head'] };

/** The step of a variant at these bits and this block. */
export function stepOf({ method, options }: Variant, bits: number, blockSize: number): object {
  return {
    method,
    target: PRODUCTS,
    options: { bits, blockSize, scales: 'float16', ...options },
  };
}
