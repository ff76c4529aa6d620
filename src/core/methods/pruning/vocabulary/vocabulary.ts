import type { Anatomy } from '../../../anatomy/types.ts';
import { LatheError, throwIfCancelled } from '../../../errors/lathe-error.ts';
import { packageModel } from '../../../onnx/package.ts';
import type { Fillings } from '../../../onnx/fill.ts';
import type { Model } from '../../../onnx/types.ts';
import { cutTokens } from '../../../text/vocabulary/cut-tokens.ts';
import { unpackTokens } from '../../../text/vocabulary/token-set.ts';
import type { FillWork, Method, PlannedLine, StepPlan } from '../../contract.ts';
import { storedBytes } from '../../stored-bytes.ts';
import { followTokens, type TokenAxis } from './axis.ts';
import { cutGraph } from './cut-graph.ts';
import { decideTokens, type VocabularyOptions } from './decide.ts';
import { comparedIds } from './ids.ts';
import { meta } from './meta.ts';
import { takeAlong } from './take-along.ts';
import { tokenLayers } from './token-layers.ts';

/**
 * E [V, d] and the output head's W [V, d] (its bias, and whatever else has a place per token) keep the rows S of the
 * tokens that stay: E' = E[S], W' = W[S]. The scores of kept tokens are the same numbers as before; the token of the
 * i-th smallest id in S is token i from then on, in the graph and in the tokenizer.
 * Throws `vocabulary-none`, `vocabulary-shared`, `vocabulary-coded`, `vocabulary-uncut`, `vocabulary-whole`,
 * `tokens-of-another-model`.
 */
export const vocabulary: Method<VocabularyOptions> = {
  meta,
  plan: async ({ model, anatomy }, _targets, options) => {
    const { view, size, layers, starts } = tokenLayers(model, anatomy);
    const axis = followTokens(view, size, starts);
    const compared = comparedIds(view, axis);
    if (options.tokens === undefined) return undecided(model, anatomy);
    const kept = unpackTokens(options.tokens, size);
    if (kept.length === size) throw whole(size);
    const smaller = await cutGraph(model, size, kept, axis, compared);
    const after = withTokens(anatomy, size, kept.length);
    return {
      model: smaller,
      anatomy: after,
      lines: linesOf(model, smaller, layers, after),
      skipped: [],
      warnings: [said(size, kept.length, options.unseen)],
      work: [rows(axis, kept)],
      companions: (files) => cutTokens(files, size, kept),
      tokens: kept,
    };
  },
  decide: (ground, _targets, options, ask) => decideTokens(ground, options, ask),
};

/** Room for the decision, which travels in the file: a character for six tokens, and the report's words. */
const DECIDED_BYTES = 65536;

/** Until the text is counted nothing is taken out. */
function undecided(model: Model, anatomy: Anatomy): StepPlan {
  const atMost = packageModel(model).byteLength + DECIDED_BYTES + (anatomy.vocabularySize ?? 0);
  return { model: { ...model }, lines: [], skipped: [], work: [], atMost };
}

/** A run copies what stays. */
function rows({ tensors }: TokenAxis, kept: Int32Array): FillWork {
  return {
    kind: 'fill',
    fill: async ({ model }, _seen, context): Promise<Fillings> => {
      const filled = new Map<string, Uint8Array>();
      for (const tensor of model.graph.initializers) {
        const of = tensors.get(tensor.name);
        if (of === undefined) continue;
        throwIfCancelled(context.signal);
        filled.set(tensor.name, takeAlong(await tensor.data.read(), tensor.dims, of.axis, kept));
        context.progress?.(filled.size / tensors.size);
      }
      return filled;
    },
  };
}

function withTokens(anatomy: Anatomy, size: number, count: number): Anatomy {
  const layers = anatomy.layers.map((layer) =>
    (layer.role === 'embedding' || layer.role === 'output-head') && layer.outFeatures === size
      ? { ...layer, outFeatures: count }
      : layer,
  );
  return { ...anatomy, layers, vocabularySize: count };
}

function linesOf(
  before: Model,
  after: Model,
  layers: Anatomy['layers'],
  anatomy: Anatomy,
): PlannedLine[] {
  const now = layers.flatMap(({ output }) => anatomy.layers.filter((own) => own.output === output));
  const [was, is] = [storedBytes(before, layers), storedBytes(after, now)];
  return layers.map((layer) => ({
    layer,
    bytesBefore: was.get(layer.output) ?? 0,
    bytesAfter: is.get(layer.output) ?? 0,
  }));
}

function said(size: number, count: number, unseen: number | undefined): string {
  const kept = `${count} of ${size} tokens stay`;
  if (unseen === undefined || unseen === 0)
    return `${kept}; texts are read with the tokenizer that is written beside the model.`;
  return `${kept}, ${unseen} of which the calibration text does not hold: special tokens, those that spell any text, and what kept ones are merged from. Texts are read with the tokenizer that is written beside the model.`;
}

function whole(size: number): LatheError {
  return new LatheError(
    'vocabulary-whole',
    `All ${size} tokens are needed, by the calibration text or to spell any other, so none can be taken out; lower the coverage, or leave this step out.`,
    { size },
  );
}
