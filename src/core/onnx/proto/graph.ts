import { problems } from '../problems.ts';
import type { Graph, Node } from '../types.ts';
import { type Codec, many, message, one, readFields, schema, writeFields } from '../wire/codec.ts';
import { prose, text } from '../wire/scalars.ts';
import { attributeCodec } from './attribute.ts';
import { metadataEntry } from './entries.ts';
import { tensor } from './tensor.ts';
import { valueInfo } from './value-info.ts';

const NODE = schema({
  inputs: many(1, text),
  outputs: many(2, text),
  name: one(3, text),
  opType: one(4, text),
  attributes: many(
    5,
    attributeCodec(() => graph),
  ),
  docString: one(6, prose),
  domain: one(7, text),
  overload: one(8, text),
  metadata: many(9, metadataEntry),
});

const NONE: readonly never[] = Object.freeze([]);

export const node = message<Node>({
  read(input) {
    const fields = readFields(input, NODE);
    const { name = '', opType, domain = '', inputs, outputs, attributes, ...rest } = fields;
    if (!opType) throw problems.nodeWithoutOperator(name);
    return {
      name,
      opType,
      domain,
      inputs: inputs ?? NONE,
      outputs: outputs ?? NONE,
      attributes: attributes ?? NONE,
      ...rest,
    };
  },
  write: (output, { domain, name, ...rest }) =>
    writeFields(output, NODE, { ...rest, name: name || undefined, domain: domain || undefined }),
});

const GRAPH = schema({
  nodes: many(1, node),
  name: one(2, text),
  initializers: many(5, tensor),
  docString: one(10, prose),
  inputs: many(11, valueInfo),
  outputs: many(12, valueInfo),
  valueInfo: many(13, valueInfo),
  metadata: many(16, metadataEntry),
});

export const graph: Codec<Graph> = message<Graph>({
  read(input) {
    const { name = '', ...fields } = readFields(input, GRAPH);
    const { nodes, initializers, inputs, outputs, valueInfo: values, ...rest } = fields;
    return {
      name,
      nodes: nodes ?? NONE,
      initializers: initializers ?? NONE,
      inputs: inputs ?? NONE,
      outputs: outputs ?? NONE,
      valueInfo: values ?? NONE,
      ...rest,
    };
  },
  write: (output, value) => writeFields(output, GRAPH, value),
});
