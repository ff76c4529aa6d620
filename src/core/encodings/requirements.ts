import type { Model } from '../onnx/types.ts';
import type { Emitter } from './emitter.ts';

/** int4 and uint4 initializers exist since IR version 10. */
const INT4_IR_VERSION = 10;

/** The model, declaring what its new nodes and tensors need. */
export function withRequirements(model: Model, emit: Emitter): Model {
  const known = model.opsets.some(({ domain }) => domain === 'com.microsoft');
  const microsoft = emit.usesMicrosoft && !known ? [{ domain: 'com.microsoft', version: 1 }] : [];
  return {
    ...model,
    irVersion: emit.usesInt4 ? Math.max(model.irVersion, INT4_IR_VERSION) : model.irVersion,
    opsets: microsoft.length > 0 ? [...model.opsets, ...microsoft] : model.opsets,
  };
}
