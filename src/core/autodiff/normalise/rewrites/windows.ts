import { floatAttribute, intsAttribute, stringAttribute } from '../../../onnx/graph/attributes.ts';
import type { RewriteContext, RewriteEntry } from '../types.ts';

/** From this version on Clip and Pad take their numbers as inputs. */
const NUMBERS_AS_INPUTS = 11;

/** Clip before version 11: bounds as attributes. */
function clip({ node, opset, emit, input }: RewriteContext) {
  if (opset >= NUMBERS_AS_INPUTS) return undefined;
  const [x, type] = [input(0), emit.dataType(input(0))];
  const bounds = ['min', 'max'].map((name) => {
    const bound = floatAttribute(node, name);
    return bound === undefined ? '' : emit.scalar(bound, type);
  });
  return [emit.op('Clip', [x, ...bounds], emit.dims(x))];
}

/** Pad before version 11: pads and value as attributes. */
function pad({ node, opset, emit, input, outputType }: RewriteContext) {
  if (opset >= NUMBERS_AS_INPUTS || opset < 2) return undefined;
  const x = input(0);
  const pads = emit.integers(...intsAttribute(node, 'pads', []));
  const value = emit.scalar(floatAttribute(node, 'value', 0), emit.dataType(x));
  const attributes = { mode: stringAttribute(node, 'mode', 'constant') };
  return [emit.op('Pad', [x, pads, value], outputType().dims, { attributes })];
}

export const windowRewrites: readonly RewriteEntry[] = [
  { operators: ['Clip'], rewrite: clip },
  { operators: ['Pad'], rewrite: pad },
];
