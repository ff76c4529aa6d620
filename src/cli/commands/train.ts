import { LatheError } from '../../core/errors/lathe-error.ts';

/** `lathe train` is a promise of the design that this version does not keep; it says so. */
export async function train(): Promise<void> {
  throw new LatheError(
    'train-missing',
    'This version of Lathe cannot train models yet: distillation, LoRA and quantization-aware training are not part of it; use "lathe compress" with a method that needs no training.',
  );
}
