import { problems } from '../problems.ts';
import { bytesSource } from '../source.ts';
import type { Attribute, FunctionDefinition, Node, OperatorSet } from '../types.ts';
import { many, one, readFields, schema, writeFields } from '../wire/codec.ts';
import { Input } from '../wire/input.ts';
import { Output } from '../wire/output.ts';
import { originOf } from '../wire/provenance.ts';
import { Region, type Span } from '../wire/region.ts';
import { text } from '../wire/scalars.ts';
import { attributeCodec } from './attribute.ts';
import { operatorSet } from './entries.ts';
import { graph, node } from './graph.ts';

/** What a model-local function computes: a graph whose inputs and outputs are named by the call. */
export interface FunctionBody {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Names of the attributes a call has to give. */
  readonly attributes: readonly string[];
  readonly nodes: readonly Node[];
  readonly opsets: readonly OperatorSet[];
  /** Values of attributes that a call may leave out. */
  readonly defaults: readonly Attribute[];
}

const FUNCTION = schema({
  name: one(1, text),
  inputs: many(4, text),
  outputs: many(5, text),
  attributes: many(6, text),
  nodes: many(7, node),
  opsets: many(9, operatorSet),
  domain: one(10, text),
  defaults: many(
    11,
    attributeCodec(() => graph),
  ),
});

/**
 * The body of a model-local function (FunctionProto, onnx.proto3), which the reader keeps as bytes.
 * Throws the reader's errors where those bytes make no sense, `external-missing` for a tensor whose
 * data lies outside the file.
 */
export function functionBody(definition: FunctionDefinition): FunctionBody {
  const { region, offset, length } = originOf(definition) ?? spanOf(definition.bytes);
  const input = new Input(region);
  input.seek(offset);
  input.limit = offset + length;
  const { inputs, outputs, attributes, nodes, opsets, defaults } = readFields(input, FUNCTION);
  return {
    inputs: inputs ?? [],
    outputs: outputs ?? [],
    attributes: attributes ?? [],
    nodes: nodes ?? [],
    opsets: opsets ?? [],
    defaults: defaults ?? [],
  };
}

function spanOf(bytes: Uint8Array): Span {
  const region = new Region(bytesSource(bytes), [{ start: 0, bytes }]);
  return { region, offset: 0, length: bytes.byteLength };
}

/** A function of these nodes, encoded as a file holds it. */
export function makeFunction(
  domain: string,
  name: string,
  body: Partial<FunctionBody> & Pick<FunctionBody, 'nodes'>,
): FunctionDefinition {
  const output = new Output();
  writeFields(output, FUNCTION, { name, domain, ...body });
  const bytes = new Uint8Array(output.byteLength);
  let at = 0;
  for (const part of output.parts()) {
    if (!(part instanceof Uint8Array)) throw problems.functionOutside(name);
    bytes.set(part, at);
    at += part.byteLength;
  }
  return { name, domain, bytes };
}
