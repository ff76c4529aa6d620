import type { Anatomy, Block } from '../anatomy/types.ts';
import { companionJson, withJson } from './files.ts';
import type { Companions } from './types.ts';

/** Fields of a `config.json` by what they count, as the families of transformers call them. */
const FIELDS: Readonly<Record<keyof Sizes, readonly string[]>> = {
  blocks: ['num_hidden_layers', 'n_layer', 'n_layers', 'num_layers'],
  hiddenSize: ['hidden_size', 'n_embd', 'd_model', 'dim'],
  heads: ['num_attention_heads', 'n_head', 'n_heads'],
  keyValueHeads: ['num_key_value_heads'],
  headSize: ['head_dim'],
  feedForwardWidth: ['intermediate_size', 'n_inner', 'ffn_dim', 'd_ff', 'hidden_dim'],
};

const SIZES = Object.keys(FIELDS) as readonly (keyof Sizes)[];

interface Sizes {
  readonly blocks?: number;
  readonly hiddenSize?: number;
  readonly heads?: number;
  readonly keyValueHeads?: number;
  readonly headSize?: number;
  readonly feedForwardWidth?: number;
}

/**
 * The files with a `config.json` that has the sizes of the model as it is now: a number changes where it
 * was the size of the model before and the model after has another. Everything else stays, unknown fields
 * included; the very same files when nothing changes, or when one of the two is not one stack of blocks.
 * The vocabulary is none of these sizes: of encoded embeddings it is not recognised reliably, so a step
 * that cuts it says so itself. Throws `folder-json` when the file is no JSON.
 */
export function withSizes(files: Companions, before: Anatomy, after: Anatomy): Companions {
  const config = companionJson(files, 'config.json');
  if (!isRecord(config)) return files;
  const stack = before.blocks.at(0)?.stack;
  const changes = changedSizes(before, after).flatMap(([size, was, is]) =>
    fieldsOf(size, config, stack)
      .filter((name) => config[name] === was)
      .map((name) => [name, is] as const),
  );
  if (changes.length === 0) return files;
  return withJson(files, 'config.json', { ...config, ...Object.fromEntries(changes) });
}

function isRecord(json: unknown): json is Readonly<Record<string, unknown>> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

/** The number of blocks where a configuration is of an encoder and a decoder: it counts each for itself. */
const STACKS = {
  encoder: ['encoder_layers', 'num_encoder_layers', 'num_layers', 'num_hidden_layers'],
  decoder: ['decoder_layers', 'num_decoder_layers'],
} as const;

function fieldsOf(
  size: keyof Sizes,
  config: Readonly<Record<string, unknown>>,
  stack: Block['stack'] | undefined,
): readonly string[] {
  const pair = STACKS.decoder.some((name) => name in config);
  return size === 'blocks' && pair && stack !== undefined ? STACKS[stack] : FIELDS[size];
}

type Change = readonly [size: keyof Sizes, was: number, is: number];

function changedSizes(before: Anatomy, after: Anatomy): Change[] {
  const [old, now] = [sizesOf(before), sizesOf(after)];
  if (old === undefined || now === undefined) return [];
  return SIZES.flatMap((size): Change[] => {
    const [was, is] = [old[size], now[size]];
    return was === undefined || is === undefined || was === is ? [] : [[size, was, is]];
  });
}

function sizesOf({ blocks, hiddenSize }: Anatomy): Sizes | undefined {
  const stacks = new Set(blocks.map(({ stack }) => stack));
  if (stacks.size !== 1) return undefined;
  const same = (size: keyof Block & keyof Sizes) => {
    const values = new Set(blocks.map((block) => block[size]));
    return values.size === 1 ? blocks[0][size] : undefined;
  };
  return {
    blocks: blocks.length,
    hiddenSize,
    heads: same('heads'),
    keyValueHeads: same('keyValueHeads'),
    headSize: same('headSize'),
    feedForwardWidth: same('feedForwardWidth'),
  };
}
