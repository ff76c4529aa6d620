import {
  floatAttribute,
  floatsAttribute,
  intAttribute,
  intsAttribute,
} from '../graph/attributes.ts';
import { makeAttribute, makeNode, makeTensor } from '../graph/make.ts';
import { float32ToHalf } from '../../tensor/half.ts';
import { DataType } from '../../tensor/data-type.ts';
import type { Node, Tensor } from '../types.ts';
import { integers, without, withInput, type Rewrite, type Setting } from './setting.ts';

/** Attributes of whole numbers that became inputs: [attribute, input], in order. */
function toInputs(places: readonly (readonly [string, number])[]): Rewrite {
  return (node, setting) => {
    const constants: Node[] = [];
    let next = without(node, ...places.map(([name]) => name));
    for (const [name, slot] of places) {
      const values = intsAttribute(node, name) ?? lone(intAttribute(node, name));
      if (values === undefined) continue;
      const made = integers(`${node.outputs[0]}_${name}`, values, setting);
      constants.push(made);
      next = withInput(next, slot, made.outputs[0]);
    }
    return [...constants, next];
  };
}

const lone = (value: number | undefined) => (value === undefined ? undefined : [value]);

/** `axes` of Squeeze, Unsqueeze (13), ReduceSum (13) and the other reductions (18). */
export const axesToInput = toInputs([['axes', 1]]);
/** `split` of Split (13). */
export const splitToInput = toInputs([['split', 1]]);
/** `k` of TopK (10). */
export const countToInput = toInputs([['k', 1]]);

/** Slice-10: starts, ends, axes are inputs. */
export const sliceToInputs = toInputs([
  ['starts', 1],
  ['ends', 2],
  ['axes', 3],
]);

/** Clip-11: bounds are inputs of the clipped value's type; an absent one does not bind. */
export const clipToInputs: Rewrite = (node, setting) => {
  const constants: Node[] = [];
  let next = without(node, 'min', 'max');
  for (const [slot, name] of ['min', 'max'].entries()) {
    const bound = floatAttribute(node, name);
    if (bound === undefined) continue;
    const made = scalar(`${node.outputs[0]}_${name}`, bound, node.inputs[0], setting);
    if (typeof made === 'string') return made;
    constants.push(made);
    next = withInput(next, slot + 1, made.outputs[0]);
  }
  return [...constants, next];
};

/** Pad-11: pads and the constant are inputs. */
export const padToInputs: Rewrite = (node, setting) => {
  const pads = integers(`${node.outputs[0]}_pads`, intsAttribute(node, 'pads', []), setting);
  const padded = withInput(without(node, 'pads', 'value'), 1, pads.outputs[0]);
  const value = floatAttribute(node, 'value', 0);
  if (value === 0) return [pads, padded];
  const made = scalar(`${node.outputs[0]}_value`, value, node.inputs[0], setting);
  if (typeof made === 'string') return made;
  return [pads, made, withInput(padded, 2, made.outputs[0])];
};

/** Upsample-9: scales are an input. */
export const scalesToInput: Rewrite = (node, setting) => {
  const scales = floatsAttribute(node, 'scales');
  if (scales === undefined) return 'it has no scales';
  const name = setting.fresh(`${node.outputs[0]}_scales`);
  const tensor = makeTensor('', [scales.length], Float32Array.from(scales));
  const constant = makeNode('Constant', [], [name], { value: tensor });
  return [constant, withInput(without(node, 'scales'), 1, name)];
};

/** Split-18 wants to know into how many parts, where it is not told which. */
export const countOutputs: Rewrite = (node) => {
  if (node.inputs[1]) return [node];
  const count = makeAttribute('num_outputs', node.outputs.length);
  return [{ ...node, attributes: [...node.attributes, count] }];
};

/** A constant of the type of `like`, which must be known: an operator refuses two types. */
function scalar(base: string, value: number, like: string, setting: Setting): Node | string {
  const tensor = scalarTensor(value, setting.typeOf(like));
  if (tensor === undefined) return `the type of its input "${like}" is not known`;
  return makeNode('Constant', [], [setting.fresh(base)], { value: tensor });
}

function scalarTensor(value: number, dataType: number | undefined): Tensor | undefined {
  if (dataType === DataType.float32) return makeTensor('', [], Float32Array.of(value));
  if (dataType === DataType.float64) return makeTensor('', [], Float64Array.of(value));
  if (dataType !== DataType.float16) return undefined;
  const { buffer } = float32ToHalf(Float32Array.of(value));
  return makeTensor('', [], { dataType, bytes: new Uint8Array(buffer) });
}
