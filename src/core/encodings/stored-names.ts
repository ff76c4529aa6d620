import type { Emitter } from './emitter.ts';
import type { Form } from './form.ts';
import { isModuleName } from './inner.ts';
import type { Encoded } from './types.ts';

/** Adds the tensors of an encoded weight, called after the weight or, where tools look for them, after the layer's module. */
export function storedNames(
  emit: Emitter,
  form: Form,
  encoded: Encoded,
  { layer, weight }: { readonly layer: string; readonly weight: string },
): readonly string[] {
  const module = layer.replace(/\.weight$/, '');
  return form.tensors(encoded).map(({ suffix, dims, dataType, bytes }) => {
    const base = isModuleName(suffix) ? module : weight;
    return emit.tensor(`${base}${suffix}`, dims, dataType, bytes);
  });
}
