import { LatheError } from '../errors/lathe-error.ts';

/**
 * Every sentence that the reader and the writer can say, in one place, so that they stay alike in
 * tone and can be tested word for word.
 */
export const problems = {
  truncated: (at: number) =>
    new LatheError(
      'onnx-truncated',
      `The file ends inside a field at byte ${at}, so a part of the model is missing; download or export it again.`,
      { at },
    ),
  malformed: (at: number, what: string) =>
    new LatheError(
      'onnx-malformed',
      `The bytes at ${at} are not valid protobuf (${what}), so the file is damaged or is not an ONNX model; download or export it again.`,
      { at },
    ),
  tooDeep: (limit: number) =>
    new LatheError(
      'onnx-too-deep',
      `The model nests messages more than ${limit} levels deep, which no real graph does; export it again with simpler control flow.`,
      { limit },
    ),
  tooMany: (limit: number) =>
    new LatheError(
      'onnx-too-many-parts',
      `The model has more than ${limit} nodes, attributes and other parts, which is more than can be edited; simplify the graph first.`,
      { limit },
    ),
  text: (at: number) =>
    new LatheError(
      'onnx-text',
      `The name at byte ${at} is not valid UTF-8, so it could not be written back unchanged; export the model again.`,
      { at },
    ),
  noGraph: () =>
    new LatheError(
      'onnx-no-graph',
      'The file holds no graph, so it is not an ONNX model or it was cut short; choose a complete .onnx file.',
    ),
  twoGraphs: () =>
    new LatheError(
      'onnx-two-graphs',
      'The file holds more than one graph, so it is unclear which one is the model; export it again.',
    ),
  nodeWithoutOperator: (name: string) =>
    new LatheError(
      'onnx-node-without-operator',
      `Node "${name}" has no operator type, so it cannot be run; export the model again.`,
      { name },
    ),
  dataType: (name: string, dataType: number) =>
    new LatheError(
      'onnx-data-type',
      `Tensor "${name}" has the unknown data type ${dataType}; convert it to a type of ONNX 1.20 or older.`,
      { name, dataType },
    ),
  dimension: (name: string, dimension: number | bigint) =>
    new LatheError(
      'onnx-dimension',
      `"${name}" has a dimension of ${dimension}, but a dimension must lie between 0 and 2147483647; the file is damaged or the model must be split.`,
      { name, dimension: String(dimension) },
    ),
  elements: (name: string, dims: readonly number[]) =>
    new LatheError(
      'onnx-elements',
      `Tensor "${name}" of shape [${dims.join(', ')}] has more elements than can be counted exactly; the file is damaged.`,
      { name },
    ),
  dataLength: (name: string, type: string, dims: readonly number[], want: number, have: number) =>
    new LatheError(
      'onnx-data-length',
      `Tensor "${name}" (${type}, shape [${dims.join(', ')}]) needs ${want} bytes but has ${have}; the file is damaged, download or export it again.`,
      { name, want, have },
    ),
  externalPath: (name: string, path: string) =>
    new LatheError(
      'external-path',
      `Tensor "${name}" wants its data from "${path}", which leaves the model's folder and is not opened; save the model with its data beside it.`,
      { name, path },
    ),
  externalMissing: (name: string, path: string) =>
    new LatheError(
      'external-missing',
      `Tensor "${name}" keeps its data in "${path}", which was not given; open the model together with that file.`,
      { name, path },
    ),
  externalEntry: (name: string, key: string, value: string) =>
    new LatheError(
      'external-entry',
      `Tensor "${name}" gives "${value}" as the ${key} of its external data, which is not a whole number ≥ 0; save the model again.`,
      { name, key, value },
    ),
  externalNoPath: (name: string) =>
    new LatheError(
      'external-path-missing',
      `Tensor "${name}" says that its data lies outside the file but not where; save the model again.`,
      { name },
    ),
  externalShort: (name: string, path: string, want: number, have: number) =>
    new LatheError(
      'external-short',
      `Tensor "${name}" needs "${path}" to have at least ${want} bytes, but it has ${have}; download that file again.`,
      { name, path, want, have },
    ),
  duplicateValue: (name: string) =>
    new LatheError(
      'onnx-duplicate-value',
      `The value "${name}" is defined more than once, so it is unclear which one is meant; export the model again.`,
      { name },
    ),
  missingValue: (node: string, name: string) =>
    new LatheError(
      'onnx-missing-value',
      `Node "${node}" uses the value "${name}", which nothing in the model makes; export the model again.`,
      { node, name },
    ),
  missingOutput: (name: string) =>
    new LatheError(
      'onnx-missing-value',
      `The model promises the output "${name}", but nothing in it makes that value; export the model again.`,
      { name },
    ),
  cycle: (nodes: readonly string[]) =>
    new LatheError(
      'onnx-cycle',
      `The nodes ${nodes
        .slice(0, 4)
        .map((node) => `"${node}"`)
        .join(
          ', ',
        )}${nodes.length > 4 ? ' …' : ''} wait for each other in a cycle, so the model cannot run; export it again.`,
      { length: nodes.length },
    ),
  functionOutside: (name: string) =>
    new LatheError(
      'onnx-function-data',
      `The function "${name}" holds a tensor whose bytes are not in memory, so it cannot be encoded; read the tensor first.`,
      { name },
    ),
  range: (offset: number, length: number, byteLength: number) =>
    new LatheError(
      'source-range',
      `Bytes ${offset} to ${offset + length} were asked for, but only ${byteLength} exist; the file has changed since it was opened, open it again.`,
      { offset, length, byteLength },
    ),
  tooLarge: (byteLength: number) =>
    new LatheError(
      'onnx-too-large',
      `The model would be one file of ${byteLength} bytes, but an ONNX file cannot exceed 2147483647 bytes; save its weights as external data.`,
      { byteLength },
    ),
} as const;
