import { batchAxis } from '../cache/axes.ts';
import { fixedKind, selfCaches } from '../cache/layout.ts';
import { isOpen, type CachePort } from '../cache/port.ts';
import { tokenInput } from '../cache/token-input.ts';
import { isCacheInput } from '../data/cache-input.ts';
import { LatheError } from '../errors/lathe-error.ts';
import { bindDim, type Bindings } from '../onnx/shape/dimension.ts';
import { openSymbol } from '../onnx/shape/infer.ts';
import type { Graph } from '../onnx/types.ts';

/** Sizes of one training batch: training graphs have fixed shapes. */
export interface BatchShape {
  readonly batch: number;
  /** Tokens per sequence; absent for models that take no sequences. */
  readonly length?: number;
  /** Sizes of images and other features, by symbol. */
  readonly sizes?: Bindings;
}

/** Sizes of an input's axes; undefined where any will do. */
type Wanted = readonly (number | undefined)[];

/**
 * Numbers for the open sizes of the graph's inputs: of the token input first, of caches, which have no positions
 * yet, and of all others what the file's own arithmetic makes of these ("past + sequence"), else by what the
 * input is. Sizes the file fixes must be these. Throws `training-shape`, `training-one-token`.
 */
export function batchBindings(graph: Graph, shape: BatchShape): Bindings {
  const bindings: Record<string, number> = {};
  const ports = portsOf(graph);
  const tokens = tokenInput(ports);
  assertSequences(ports, tokens, shape);
  for (const port of inOrder(ports, tokens)) {
    const wanted = isSource(ports, port) ? [shape.batch] : wantedSizes(port, ports, tokens, shape);
    port.dims.forEach((dim, axis) => {
      if (!isOpen(dim)) assertSize(port, axis, wanted[axis]);
      else if (!Object.hasOwn(bindings, dim)) {
        const size = knownSize(port, dim, bindings) ?? wanted[axis];
        if (size !== undefined) bindings[dim] = size;
      }
    });
  }
  return { ...bindings, ...shape.sizes };
}

/** A source, or what an encoder made of it: as long as it is, whatever is written about it. */
function isSource(ports: readonly CachePort[], { name }: CachePort): boolean {
  if (/^encoder_/.test(name)) return true;
  const beside = ports.some((port) => port.name === 'decoder_input_ids');
  return beside && !/^decoder_/.test(name) && !isCacheInput(name);
}

function portsOf({ inputs, initializers }: Graph): CachePort[] {
  const stored = new Set(initializers.map(({ name }) => name));
  const asked = inputs.filter(({ name }) => !stored.has(name));
  return asked.map(({ name, type }) => ({
    name,
    dataType: type?.dataType ?? 0,
    dims: (type?.dims ?? []).map(
      ({ value, symbol }, axis) => value ?? (symbol || openSymbol(name, axis)),
    ),
  }));
}

/** The token input tells what the others are made of, then the caches do. */
function inOrder(ports: readonly CachePort[], tokens: CachePort | undefined): CachePort[] {
  const rank = (port: CachePort) => (port === tokens ? 0 : isCacheInput(port.name) ? 1 : 2);
  return [...ports].sort((a, b) => rank(a) - rank(b));
}

/**
 * What an expression comes to. A mask is as long as what is read and the cache together, whatever it is called: a
 * decoder for both its first run and those behind ("past + 1") says so for one of them only.
 */
function knownSize(port: CachePort, dim: number | string, bindings: Bindings): number | undefined {
  if (isMask(port)) return undefined;
  const known = bindDim(dim, bindings);
  return typeof known === 'number' && known >= 0 ? known : undefined;
}

function isMask({ name }: CachePort): boolean {
  return /(^|_)attention_mask$/.test(name);
}

function wantedSizes(
  port: CachePort,
  ports: readonly CachePort[],
  tokens: CachePort | undefined,
  { batch, length }: BatchShape,
): Wanted {
  const { dims, name } = port;
  if (isCacheInput(name)) {
    const counts = batchAxis(port, tokens);
    return dims.map((dim, axis) => (axis === counts ? batch : isOpen(dim) ? 0 : undefined));
  }
  if (isMask(port)) {
    const covered = length === undefined ? undefined : placesFor(ports, length);
    return dims.length === 4 ? [batch, 1, length, covered] : [batch, covered];
  }
  if (dims.length === 1) return [singleAxis(port, tokens, batch, length)];
  // Four axes are an image's: the second holds its channels.
  return dims.length === 2 || dims.length === 3 ? [batch, length] : [batch];
}

/** Places that a mask covers: those of a cache of fixed size as well, where what is read comes behind it. */
function placesFor(ports: readonly CachePort[], length: number): number {
  const [cache] = selfCaches(ports);
  const places = cache?.dims.at(-2);
  return typeof places === 'number' && places > 0 && fixedKind(ports, places) === 'window'
    ? places + length
    : length;
}

const COUNTS_TOKENS = /position|^ids$|input_ids/;
/** One number for all examples, whatever it is. */
const ONE_FOR_ALL = /len(gth)?s?$|^num_|^use_cache|_to_keep$|^start_pos/;

function singleAxis(
  { name, dims }: CachePort,
  tokens: CachePort | undefined,
  batch: number,
  length: number | undefined,
): number | undefined {
  if (COUNTS_TOKENS.test(name) || (name === tokens?.name && length !== undefined)) return length;
  return ONE_FOR_ALL.test(name) && !isOpen(dims[0]) ? undefined : batch;
}

/** A mask may be longer than what it has to cover: the rest is masked. */
function assertSize(port: CachePort, axis: number, wanted: number | undefined): void {
  const found = Number(port.dims[axis]);
  if (wanted === undefined || wanted === found) return;
  if (isMask(port) && axis === port.dims.length - 1 && wanted < found) return;
  throw wrongSize(port.name, axis, found, wanted);
}

/** One token a run behind a cache: sequences cannot be learned from one at a time. */
function assertSequences(
  ports: readonly CachePort[],
  tokens: CachePort | undefined,
  { length = 1 }: BatchShape,
): void {
  if (tokens?.dims.at(-1) !== 1 || length === 1 || selfCaches(ports).length === 0) return;
  throw new LatheError(
    'training-one-token',
    `The model reads one token at a time behind its key/value cache ("${tokens.name}" is fixed to 1 token), and training needs sequences; train the decoder that reads whole texts (decoder_model.onnx or model.onnx), which has the same weights.`,
    { input: tokens.name },
  );
}

function wrongSize(input: string, axis: number, found: number, wanted: number): LatheError {
  const unit = found === 1 ? '' : 's';
  const what = axis === 0 ? `example${unit} per batch` : `token${unit} per sequence`;
  return new LatheError(
    'training-shape',
    `The model's input "${input}" is fixed to ${found} ${what}, and the training was asked to use ${wanted}; set it to ${found}, or export the model with a dynamic size.`,
    { input, found, wanted },
  );
}
