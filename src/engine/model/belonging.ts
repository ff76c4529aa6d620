import type { ValueInfo } from '../../core/onnx/types.ts';
import { companion, readJson } from './folder.ts';
import type { OpenModel } from './open.ts';
import { readPart } from './part-files.ts';
import { siblingPart, type PartRole } from './parts.ts';

/** Fields of a `config.json` that say how wide a model is, as the families of transformers call them. */
const WIDTHS = ['hidden_size', 'n_embd', 'd_model', 'dim'];

/** Parts whose width and vocabulary `config.json` is about; towers of several have configurations of their own. */
const WHOLE: readonly PartRole[] = [
  'model',
  'encoder',
  'decoder',
  'decoder-with-past',
  'decoder-merged',
];

/** Tables are padded up to this many rows, to a round number. */
const PADDING = 512;

/**
 * What of a folder seems to belong to another model, one sentence each: a `config.json` whose vocabulary or
 * width the graph contradicts, and an encoder and a decoder of different widths. Only what is cheap to see.
 */
export async function belongingWarnings(open: OpenModel): Promise<readonly string[]> {
  return [...(await configWarnings(open)), ...(await siblingWarnings(open))];
}

async function configWarnings({ folder, part, anatomy }: OpenModel): Promise<string[]> {
  const file = companion(folder, 'config.json');
  if (file === undefined || !WHOLE.includes(part.role)) return [];
  const config = await readJson(file);
  const [says, has] = [fieldOf(config, ['vocab_size']), anatomy.vocabularySize];
  const [wide, width] = [fieldOf(config, WIDTHS), anatomy.hiddenSize];
  const padded = says !== undefined && has !== undefined && has > says && has - says < PADDING;
  return [
    ...(says !== has && !padded ? contradiction(part.path, 'a vocabulary of', says, has) : []),
    ...(wide !== width ? contradiction(part.path, 'a hidden size of', wide, width) : []),
  ];
}

function fieldOf(config: unknown, names: readonly string[]): number | undefined {
  if (typeof config !== 'object' || config === null) return undefined;
  const values = names.map((name) => (config as Readonly<Record<string, unknown>>)[name]);
  return values.find((value) => typeof value === 'number');
}

function contradiction(path: string, what: string, says?: number, has?: number): string[] {
  if (says === undefined || has === undefined) return [];
  return [
    `The config.json says ${what} ${says}, but "${path}" has ${has}, so they do not belong together; replace the one that is not of this model.`,
  ];
}

/** Each side of an encoder and a decoder, with where it shows its width. */
async function siblingWarnings(open: OpenModel): Promise<string[]> {
  const { folder, part, model } = open;
  const isEncoder = part.role === 'encoder';
  const sibling = isEncoder
    ? (siblingPart(folder, part, 'decoder-merged') ?? siblingPart(folder, part, 'decoder'))
    : siblingPart(folder, part, 'encoder');
  if (sibling === undefined || !(isEncoder || part.role.startsWith('decoder'))) return [];
  const other = await readPart(folder, sibling);
  if (other === undefined) return [];
  const [encoder, decoder] = isEncoder ? [model, other] : [other, model];
  const gives = lastSize(encoder.graph.outputs[0]);
  const takes = lastSize(decoder.graph.inputs.find(({ name }) => name === 'encoder_hidden_states'));
  if (gives === undefined || takes === undefined || gives === takes) return [];
  const [from, to] = isEncoder ? [part, sibling] : [sibling, part];
  return [
    `The encoder "${from.path}" gives vectors of ${gives} numbers, but the decoder "${to.path}" takes ${takes}, so they do not belong together; replace the one that is not of this model.`,
  ];
}

function lastSize(value: ValueInfo | undefined): number | undefined {
  return value?.type?.dims?.at(-1)?.value;
}
