import { z } from 'zod';
import { LatheError } from '../../src/core/errors/lathe-error.ts';
import type {
  LlamaBlockWeights,
  LlamaConfig,
  LlamaWeights,
} from '../../src/core/onnx/build/llama-config.ts';

const HEADER_BYTES = 28;
/** llama2.c's later formats begin with these four bytes ("ak42"). */
const VERSIONED_MAGIC = 0x616b3432;

const size = (max: number) => z.int().min(1).max(max);

const headerSchema = z.object({
  dim: size(65536),
  hidden_dim: size(262144),
  n_layers: size(1024),
  n_heads: size(1024),
  n_kv_heads: size(1024),
  vocab_size: size(4194304),
  seq_len: size(4194304),
});

type Header = z.infer<typeof headerSchema>;

export interface Llama2c {
  readonly config: LlamaConfig;
  readonly weights: LlamaWeights;
  /** The checkpoint holds no head of its own: the embedding is used (`weights.head` is a view of it). */
  readonly tiedHead: boolean;
}

/**
 * Reads a llama2.c checkpoint, version 0: seven int32 (dim, hidden_dim, n_layers, n_heads,
 * n_kv_heads, vocab_size (negative: untied head), seq_len), then float32 matrices [out, in]. Rotary
 * pairs are adjacent channels. Sizes are checked against the file's length before anything is allocated.
 * @throws LatheError `llama2c-header`, `llama2c-version`, `llama2c-size`
 * @see https://github.com/karpathy/llama2.c (run.c, memory_map_weights)
 */
export function readLlama2c(bytes: Uint8Array): Llama2c {
  const { header, tiedHead } = readHeader(bytes);
  const parts = layOut(header, tiedHead);
  const expected = HEADER_BYTES + 4 * parts.total;
  if (bytes.byteLength !== expected) throw sizeError(bytes.byteLength, expected);
  const values = new Float32Array(bytes.slice(HEADER_BYTES).buffer);
  const weights = readWeights(values, header, parts.offsets, tiedHead);
  return { config: configOf(header), weights, tiedHead };
}

function readHeader(bytes: Uint8Array): { header: Header; tiedHead: boolean } {
  if (bytes.byteLength < HEADER_BYTES) throw sizeError(bytes.byteLength, HEADER_BYTES);
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  if (view.getUint32(0, true) === VERSIONED_MAGIC) {
    throw new LatheError(
      'llama2c-version',
      'This is a llama2.c checkpoint of version 1 or later, and only version 0 is read; export it again with llama2.c\'s "--version 0".',
    );
  }
  const [dim, hidden_dim, n_layers, n_heads, n_kv_heads, vocabulary, seq_len] = Array.from(
    { length: 7 },
    (_, index) => view.getInt32(4 * index, true),
  );
  const vocab_size = Math.abs(vocabulary);
  const parsed = headerSchema.safeParse({
    dim,
    hidden_dim,
    n_layers,
    n_heads,
    n_kv_heads,
    vocab_size,
    seq_len,
  });
  if (!parsed.success) throw headerError(parsed.error.issues[0]);
  checkHeads(parsed.data);
  return { header: parsed.data, tiedHead: vocabulary > 0 };
}

function headerError(issue: z.core.$ZodIssue): LatheError {
  return new LatheError(
    'llama2c-header',
    `This is no llama2.c checkpoint: its header field "${issue.path.join('.')}" is out of range; choose a .bin file that llama2.c's export wrote.`,
  );
}

function checkHeads({ dim, n_heads, n_kv_heads }: Header): void {
  if (dim % n_heads === 0 && n_heads % n_kv_heads === 0 && (dim / n_heads) % 2 === 0) return;
  throw new LatheError(
    'llama2c-header',
    `This is no llama2.c checkpoint: ${n_heads} heads and ${n_kv_heads} key/value heads do not divide its width ${dim} into even parts; choose a .bin file that llama2.c's export wrote.`,
  );
}

function sizeError(found: number, expected: number): LatheError {
  return new LatheError(
    'llama2c-size',
    `The llama2.c checkpoint is ${found} bytes long, but its header asks for ${expected}; it is truncated or of another kind, so fetch it again.`,
  );
}

/** Matrices of the file in their order, as [name, values per block, blocks]. */
function layOut(header: Header, tiedHead: boolean) {
  const { dim, hidden_dim, n_layers, vocab_size, seq_len } = header;
  const headSize = dim / header.n_heads;
  const keyWidth = header.n_kv_heads * headSize;
  const order = [
    ['embedding', vocab_size * dim, 1],
    ['attentionNorm', dim, n_layers],
    ['query', dim * dim, n_layers],
    ['key', keyWidth * dim, n_layers],
    ['value', keyWidth * dim, n_layers],
    ['attentionOutput', dim * dim, n_layers],
    ['feedForwardNorm', dim, n_layers],
    ['gate', hidden_dim * dim, n_layers],
    ['down', dim * hidden_dim, n_layers],
    ['up', hidden_dim * dim, n_layers],
    ['finalNorm', dim, 1],
    // cos and sin tables that the original reader skips too: they follow from the positions
    ['rotaryTables', seq_len * headSize, 1],
    ['head', tiedHead ? 0 : vocab_size * dim, 1],
  ] as const;
  const offsets = new Map<string, { readonly at: number; readonly size: number }>();
  let total = 0;
  for (const [name, size, count] of order) {
    offsets.set(name, { at: total, size });
    total += size * count;
  }
  return { offsets, total };
}

function readWeights(
  values: Float32Array,
  header: Header,
  offsets: ReadonlyMap<string, { readonly at: number; readonly size: number }>,
  tiedHead: boolean,
): LlamaWeights {
  const part = (name: keyof LlamaBlockWeights | keyof LlamaWeights, block = 0) => {
    const { at, size } = offsets.get(name) ?? { at: 0, size: 0 };
    return values.subarray(at + block * size, at + (block + 1) * size);
  };
  const blocks = Array.from({ length: header.n_layers }, (_, block) => ({
    attentionNorm: part('attentionNorm', block),
    query: part('query', block),
    key: part('key', block),
    value: part('value', block),
    attentionOutput: part('attentionOutput', block),
    feedForwardNorm: part('feedForwardNorm', block),
    gate: part('gate', block),
    up: part('up', block),
    down: part('down', block),
  }));
  const embedding = part('embedding');
  const head = tiedHead ? embedding : part('head');
  return { embedding, blocks, finalNorm: part('finalNorm'), head };
}

function configOf(header: Header): LlamaConfig {
  return {
    vocabularySize: header.vocab_size,
    hiddenSize: header.dim,
    feedForwardWidth: header.hidden_dim,
    blocks: header.n_layers,
    heads: header.n_heads,
    keyValueHeads: header.n_kv_heads,
    maxPositions: header.seq_len,
    rotary: 'adjacent',
    rotaryBase: 10000,
    normEpsilon: 1e-5,
  };
}
