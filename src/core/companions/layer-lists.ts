import type { Anatomy } from '../anatomy/types.ts';
import { companionJson, withJson } from './files.ts';
import type { Companions } from './types.ts';

/** Fields of a `config.json` that say something of each layer in turn. */
const LISTS = [
  'layer_types',
  'attention_layers',
  'layers_block_type',
  'mlp_layer_types',
  'no_rope_layers',
] as const;

/**
 * The files with a `config.json` whose lists of layers are without the entries of the blocks that go, where such a list
 * has as many entries as the model has blocks.
 */
export function withoutLayerEntries(
  files: Companions,
  { blocks }: Anatomy,
  gone: readonly number[],
): Companions {
  const config = companionJson(files, 'config.json');
  if (typeof config !== 'object' || config === null || Array.isArray(config)) return files;
  const removed = new Set(gone.map((index) => blocks.findIndex((block) => block.index === index)));
  const lists = Object.entries(config).flatMap(([name, list]: [string, unknown]) => {
    const known = LISTS.some((own) => own === name);
    if (!known || !Array.isArray(list) || list.length !== blocks.length) return [];
    return [[name, list.filter((_, at) => !removed.has(at))] as const];
  });
  if (lists.length === 0) return files;
  return withJson(files, 'config.json', { ...config, ...Object.fromEntries(lists) });
}
