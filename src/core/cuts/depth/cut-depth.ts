import { recognise } from '../../anatomy/recognise.ts';
import type { Anatomy } from '../../anatomy/types.ts';
import { hasBranches, takeBranch } from '../../onnx/branches/take-branch.ts';
import { editGraph } from '../../onnx/graph/edit.ts';
import type { Graph, Model } from '../../onnx/types.ts';
import { bypass, fuseNorms } from './bypass.ts';
import { movePasts, movePresents, removedCaches } from './caches.ts';
import { dependents, withoutOutputsOf } from './outputs.ts';
import { branchesDiffer, stillThere } from './problems.ts';
import { removedBy, removedMaps, type DepthCut, type Removed } from './removed.ts';
import { renumberCaches } from './renumber.ts';

/**
 * The model without whole blocks, or without the attention or the feed-forward part of some: the residual stream goes past
 * them, y = x in the place of y = x + f(norm(x)), or of y = norm(x + f(x)) where norms follow the sums. Weights,
 * nodes, cache inputs and outputs (keys, values, attention maps) that only they needed are gone; cache ports are
 * numbered anew without gaps; lengths that were read from a cache that goes are read from one that stays. Of a
 * merged decoder both branches are cut. The very same model for an empty cut.
 * Throws `sub-layer-unknown`, `cut-still-read`, `cut-cache-length`, `merged-blocks-differ`.
 */
export function cutDepth(model: Model, anatomy: Anatomy, cut: DepthCut): Model {
  const { graph } = model;
  const sides = sidesOf(model, anatomy, cut);
  if (sides.every(({ removed }) => removed.length === 0)) return model;
  const maps = new Set(
    sides.flatMap((side) => [...removedMaps(side.graph, side.anatomy, side.removed)]),
  );
  const kept = new Set(
    sides
      .flatMap((side) => side.anatomy.layers.map(({ output }) => output))
      .filter((output) => !maps.has(output)),
  );
  const editor = editGraph(graph);
  for (const side of sides) bypass(side.graph, editor, side.anatomy, side.removed);
  const past = editor.finish();
  const inside = dependents(past, maps, 'numbers');
  const gone = removedCaches(past, inside);
  const slim = withoutOutputsOf(movePresents(past, inside), maps, kept);
  const fused = withNormsFused(
    movePasts(
      slim,
      gone.filter(({ name }) => hasInput(slim, name)),
    ),
  );
  requireGone(fused, maps);
  return { ...model, graph: renumberCaches(fused, graph) };
}

/** The graph that the anatomy's node numbers are of, and what goes of it: one, or each branch of a merged decoder. */
interface Side {
  readonly graph: Graph;
  readonly anatomy: Anatomy;
  readonly removed: Removed;
}

function sidesOf(model: Model, anatomy: Anatomy, cut: DepthCut): readonly Side[] {
  const main = { graph: model.graph, anatomy, removed: removedBy(anatomy, cut) };
  if (!hasBranches(model)) return [main];
  const cached = takeBranch(model, 'cached');
  const other = recognise(cached);
  const [own, its] = [anatomy.blocks.length, other.blocks.length];
  if (own !== its) throw branchesDiffer(own, its);
  return [main, { graph: cached.graph, anatomy: other, removed: removedBy(other, cut) }];
}

/** Nothing of the cut may be left, whatever reads it. */
function requireGone({ nodes }: Graph, maps: ReadonlySet<string>): void {
  const left = nodes.find(({ outputs }) => maps.has(outputs[0]));
  if (left !== undefined || maps.size === 0) throw stillThere(left?.outputs[0]);
}

function hasInput({ inputs }: Graph, name: string): boolean {
  return inputs.some((input) => input.name === name);
}

function withNormsFused(graph: Graph): Graph {
  const editor = editGraph(graph);
  fuseNorms(graph, editor);
  editor.removeUnused();
  return editor.finish();
}
