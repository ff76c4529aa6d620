import type { Anatomy } from '../../../../anatomy/types.ts';
import { viewGraph } from '../../../../anatomy/view.ts';
import { walk } from '../../../../anatomy/walk.ts';
import { LatheError } from '../../../../errors/lathe-error.ts';
import type { Graph, Model } from '../../../../onnx/types.ts';
import { DataType } from '../../../../tensor/data-type.ts';
import type { Random } from '../../../../random/random.ts';
import { freshBert, freshVit } from './encoders.ts';
import { freshLlama } from './llama.ts';
import { freshSizes } from './sizes.ts';

/**
 * A new model of its teacher's layout with `blocks` blocks and about `width` times its width, its weights
 * drawn by `random` as PyTorch draws them (normal, σ = 0.02, cut off at 2σ; norms 1, biases 0).
 * Without `random` they are left open. Vocabulary, classes, constants, inputs and outputs are the teacher's.
 * Throws `fresh-layout` where no builder fits, `fresh-sizes`, `fresh-rotary`, `fresh-input`, `fresh-output`.
 */
export async function freshStudent(
  { graph }: Model,
  anatomy: Anatomy,
  { blocks, width }: { readonly blocks: number; readonly width: number },
  random?: Random,
): Promise<Model> {
  const seed = random && Math.floor(random.next() * 2 ** 31);
  const { layout } = anatomy;
  const build = BUILDERS[layout === 'ViT-like' && anatomy.normPlacement === 'post' ? '' : layout];
  const data = dataInput(graph, anatomy);
  if (build === undefined || data === undefined) throw noBuilder(layout);
  const student = await build(graph, anatomy, freshSizes(anatomy, blocks, width), data, seed);
  if (student === undefined) throw noBuilder(layout);
  return student;
}

type Build = (
  ...given: Parameters<typeof freshLlama>
) => Promise<Model | undefined> | Model | undefined;

const BUILDERS: Readonly<Record<string, Build | undefined>> = {
  'Llama-like': freshLlama,
  'BERT-like': freshBert,
  'ViT-like': freshVit,
};

/** The input that tokens are looked up by, or that is cut into patches. */
function dataInput(graph: Graph, { layers, vocabularySize }: Anatomy): string | undefined {
  const view = viewGraph(graph);
  const first =
    layers.find(
      ({ role, outFeatures }) => role === 'embedding' && outFeatures === vocabularySize,
    ) ?? layers.find(({ role }) => role === 'patch');
  let found: string | undefined;
  walk(first === undefined ? [] : [first.input], (value) => {
    if (view.inputs.has(value)) found = value;
    return found === undefined ? (view.maker(value)?.inputs ?? []) : 'done';
  });
  return found;
}

/** All weights of a model the builders wrote: its constants and rotary tables are none. */
export function freshWeights({ graph }: Model): string[] {
  return graph.initializers
    .filter(({ name, dataType }) => dataType === DataType.float32 && !CONSTANT.test(name))
    .map(({ name }) => name);
}

const CONSTANT = /^constant_|rotary_emb\./;

function noBuilder(layout: string): LatheError {
  return new LatheError(
    'fresh-layout',
    `A fresh student can be built for Llama-like language models and for BERT-like and ViT-like classifiers, and this model (${layout}) is none in a form that is known; use a shallow student.`,
    { layout },
  );
}
