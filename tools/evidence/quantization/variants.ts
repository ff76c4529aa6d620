/** One way to quantize, with the options it adds to bits and block. */
export interface Variant {
  readonly name: string;
  readonly method: string;
  readonly options: object;
  /** It looks at calibration data. */
  readonly calibrated: boolean;
  /** It trains. */
  readonly trained?: boolean;
}

/** From the baseline on, in the order of the table. */
export const VARIANTS: readonly Variant[] = [
  { name: 'rtn', method: 'round-to-nearest', options: {}, calibrated: false },
  { name: 'rtn+clip', method: 'round-to-nearest', options: { clip: 'mse' }, calibrated: false },
  { name: 'hqq', method: 'hqq', options: {}, calibrated: false },
  { name: 'gptq', method: 'gptq', options: {}, calibrated: true },
];

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
