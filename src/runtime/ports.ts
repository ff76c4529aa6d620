import { isAdapterInput } from '../core/adapters/inputs.ts';
import { DataType } from '../core/tensor/data-type.ts';
import type { Model, ValueInfo } from '../core/onnx/types.ts';
import type { PortInfo } from './types.ts';

/**
 * What a model's session will ask for, known without opening one. Initializers are no inputs, nor is
 * what may be left empty.
 */
export function inputPorts({ graph }: Model): PortInfo[] {
  const weights = new Set(graph.initializers.map((tensor) => tensor.name));
  const ports = graph.inputs.filter((info) => !weights.has(info.name)).map(portOf);
  return ports.filter(({ dims }) => !isAdapterInput(dims));
}

/** What a model's session will give. */
export function outputPorts({ graph }: Model): PortInfo[] {
  return graph.outputs.map(portOf);
}

function portOf({ name, type }: ValueInfo): PortInfo {
  const dims = type?.dims ?? [];
  return {
    name,
    dataType: type?.dataType ?? DataType.undefined,
    dims: dims.map((dim, axis) => dim.value ?? dim.symbol ?? `${name}.${axis}`),
  };
}
