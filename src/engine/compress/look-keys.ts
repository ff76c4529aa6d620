import { liveNodes } from '../../core/onnx/graph/unused.ts';
import { valuesRead } from '../../core/onnx/graph/values.ts';
import type { Graph, Model, TensorData } from '../../core/onnx/types.ts';
import { valuesOf, type SingleLook } from '../../core/statistics/look.ts';
import { sha256Of, sha256OfJson } from '../hash.ts';
import { tensorSha256 } from './tensor-hash.ts';

/** A look and under which name its result is kept. */
export interface KeyedLook extends SingleLook {
  readonly cacheKey: string;
}

/**
 * Names for what looks see: hash of (what is computed before the value, calibration, rows, take).
 * What is computed before a value is the weights it depends on, and the form of the whole graph: a
 * session fuses nodes by what stands around them, so another form behind a value may change its last
 * bits, other weights behind it never. `beside` names the further values that the session delivers.
 */
export async function keyLooks(
  model: Model,
  looks: readonly SingleLook[],
  calibration: string,
  beside: readonly string[],
): Promise<KeyedLook[]> {
  const keyed: KeyedLook[] = [];
  for (const look of looks) {
    const before = await computedBefore(model, valuesOf(look));
    const cacheKey = await sha256OfJson({ ...before, calibration, look: look.key, beside });
    keyed.push({ ...look, cacheKey });
  }
  return keyed;
}

/** The same for looks at gradients, which everything in the model has a part in. */
export async function keyGradients(
  model: Model,
  looks: readonly SingleLook[],
  calibration: string,
): Promise<KeyedLook[]> {
  if (looks.length === 0) return [];
  const all = await computedBefore(model, outputsOf(model));
  return Promise.all(
    looks.map(async (look) => ({
      ...look,
      cacheKey: await sha256OfJson({ ...all, calibration, look: look.key }),
    })),
  );
}

function outputsOf({ graph }: Model): string[] {
  return graph.outputs.map(({ name }) => name);
}

/** What decides values: the form of the graph, and hashes of the weights that they depend on. */
export async function computedBefore(
  model: Model,
  values: readonly string[],
): Promise<{ readonly form: string; readonly weights: Readonly<Record<string, string>> }> {
  return { form: await formOf(model), weights: await weightsBefore(model.graph, values) };
}

/** Hashes of the initializers that values depend on, by name. */
async function weightsBefore(
  graph: Graph,
  values: readonly string[],
): Promise<Record<string, string>> {
  const read = new Set(values);
  for (const node of liveNodes(graph, values))
    for (const value of valuesRead(node)) read.add(value);
  const before = graph.initializers.filter(({ name }) => read.has(name));
  const entries: [string, string][] = [];
  for (const { name, data } of before) entries.push([name, await tensorSha256(data)]);
  return Object.fromEntries(entries);
}

const forms = new WeakMap<Graph, Promise<string>>();

/** Hash of everything in a graph but the bytes of its weights; made once for each graph. */
function formOf(model: Model): Promise<string> {
  const form = forms.get(model.graph) ?? hashForm(model);
  forms.set(model.graph, form);
  return form;
}

async function hashForm({ graph, opsets, functions }: Model): Promise<string> {
  const { nodes, inputs, outputs } = graph;
  const initializers = graph.initializers.map(({ name, dataType, dims }) => ({
    ...{ name, dataType, dims },
  }));
  const constants: TensorData[] = [];
  const text = JSON.stringify(
    { nodes, inputs, outputs, initializers, opsets, functions },
    (_, part: unknown) => plain(part, constants),
  );
  const hashes = await Promise.all(constants.map(tensorSha256));
  return sha256Of([new TextEncoder().encode(text), new TextEncoder().encode(hashes.join())]);
}

/** What JSON has no word for; the tensors of attributes are set aside to be hashed. */
function plain(part: unknown, constants: TensorData[]): unknown {
  if (typeof part === 'bigint') return `${part}n`;
  if (part instanceof Uint8Array) return [...part];
  if (!isTensorData(part)) return part;
  constants.push(part);
  return constants.length;
}

function isTensorData(part: unknown): part is TensorData {
  return typeof part === 'object' && part !== null && 'read' in part && 'byteLength' in part;
}
