import { problems } from '../problems.ts';
import type { Model } from '../types.ts';
import { many, message, one, readFields, schema, writeFields } from '../wire/codec.ts';
import { int64, integer, prose } from '../wire/scalars.ts';
import { functionDefinition, metadataEntry, operatorSet } from './entries.ts';
import { graph } from './graph.ts';

const MODEL = schema({
  irVersion: one(1, integer),
  producerName: one(2, prose),
  producerVersion: one(3, prose),
  domain: one(4, prose),
  modelVersion: one(5, int64),
  docString: one(6, prose),
  graphs: many(7, graph),
  opsets: many(8, operatorSet),
  metadata: many(14, metadataEntry),
  functions: many(25, functionDefinition),
});

/** ModelProto. Throws `onnx-no-graph`, `onnx-two-graphs` and whatever its parts throw. */
export const model = message<Model>({
  read(input) {
    const fields = readFields(input, MODEL);
    const { irVersion = 0, graphs = [], opsets = [], metadata = [], functions = [] } = fields;
    if (graphs.length === 0) throw problems.noGraph();
    if (graphs.length > 1) throw problems.twoGraphs();
    const { producerName, producerVersion, domain, modelVersion, docString, unknown } = fields;
    const optional = { producerName, producerVersion, domain, modelVersion, docString, unknown };
    const known = Object.entries(optional).filter(([, value]) => value !== undefined);
    return {
      irVersion,
      opsets,
      graph: graphs[0],
      metadata,
      functions,
      ...(Object.fromEntries(known) as Partial<typeof optional>),
    };
  },
  write: (output, { graph: only, ...rest }) =>
    writeFields(output, MODEL, { ...rest, graphs: [only] }),
});
