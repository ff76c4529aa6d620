import { hasBranches } from '../onnx/branches/take-branch.ts';
import type { Model } from '../onnx/types.ts';
import { storedWeights } from '../encodings/index.ts';
import { findAside } from './aside.ts';
import { planBlocks } from './block-plan.ts';
import type { BlockPlan } from './block-plan.ts';
import { describeBlock, linearsOf } from './blocks.ts';
import { findBranches } from './branches.ts';
import type { FoundBranches } from './branches.ts';
import { findChains } from './chains.ts';
import { findBeginning } from './embeddings.ts';
import type { Beginning } from './embeddings.ts';
import {
  activationOf,
  headsAndTables,
  hiddenSizeOf,
  normalizationOf,
  positionsOf,
  tiedHeadOf,
  vocabularyOf,
} from './facts.ts';
import type { Recognised } from './facts.ts';
import { mostFrequent } from './group.ts';
import { collectLayers } from './layers.ts';
import { guessLayout } from './layout.ts';
import { recogniseMerged } from './merged.ts';
import { branchNotes, hiddenNotes, insideNotes, obstacleNotes, roleNotes } from './notes.ts';
import { findHeads, isTied } from './output-head.ts';
import { overCodes } from './over-codes.ts';
import { collectParts } from './parts.ts';
import type { Parts } from './parts.ts';
import { setProjectionRoles } from './around-blocks.ts';
import { groupOf, setBranchRoles, setPatchRoles } from './roles.ts';
import type { Roles } from './roles.ts';
import { modelDims } from './shapes.ts';
import { setTableRoles } from './table-roles.ts';
import type { Anatomy, Layer } from './types.ts';
import { viewGraph } from './view.ts';

/**
 * Recognises the parts of a transformer in a graph, by structure alone: names are never looked at.
 * Attention is softmax(q·kᵀ)·v or a fused operator; the linear maps around it are its projections;
 * a feed-forward part is linear → activation → linear; residual adds order them into blocks; what
 * starts a stream is the embedding, what ends in an output is the head. A graph without attention on
 * a residual stream gets kind 'layers-only'. Never throws on a valid model: what is not recognised
 * is said in `notes`. Of a merged decoder the branch without a cache is the model.
 */
export function recognise(model: Model): Anatomy {
  return recognised(model).anatomy;
}

/** As {@link recognise}, with what it compared on the way. */
export function recognised(model: Model): Recognised {
  return hasBranches(model)
    ? recogniseMerged(model, (branch) => recogniseGraph(branch, true))
    : recogniseGraph(model);
}

function recogniseGraph(model: Model, cached = false): Recognised {
  const codes = storedWeights(model);
  const view = viewGraph(overCodes(model.graph, codes));
  const dimsOf = modelDims(model);
  const parts = collectParts(view, dimsOf, collectLayers(view, dimsOf, codes));
  const branches = findBranches(parts);
  const chains = findChains(parts, branches.branches);
  const plans = planBlocks(parts, chains, cached);
  const notes = [
    ...obstacleNotes(view, parts.found),
    ...insideNotes(view, branches.attentions),
    ...branchNotes(branches),
    ...hiddenNotes(model),
  ];
  const aside = findAside(model, view, parts.found);
  const common = { notes, aside };
  if (plans.length === 0) return { anatomy: layersOnly(parts, common), pairs: [] };
  const beginnings = plans
    .filter(({ input }) => chains.some(({ root }) => root === input))
    .map(({ input }) => findBeginning(parts, input));
  return describe(parts, branches, plans, beginnings, common);
}

/** What is said of every graph, whatever it is. */
type Common = Pick<Anatomy, 'notes' | 'aside'>;

function layersOnly(parts: Parts, common: Common): Anatomy {
  const { layers } = parts.found;
  return { kind: 'layers-only', layout: 'layers only', layers, blocks: [], ...common };
}

function describe(
  parts: Parts,
  found: FoundBranches,
  plans: readonly BlockPlan[],
  beginnings: readonly Beginning[],
  { notes, aside }: Common,
): Recognised {
  const roles: Roles = new Map();
  setBranchRoles(parts, roles, found);
  setPatchRoles(roles, beginnings);
  const boundaries = plans.flatMap(({ input, output }) => [input, output]);
  const blocks = plans.map((plan, index) =>
    describeBlock(parts, plan, index, boundaries, found.fusedMixtures),
  );
  const hiddenSize = hiddenSizeOf(plans);
  const free = parts.found.linears.filter(({ node }) => !roles.has(node));
  const heads = findHeads(parts, free, hiddenSize);
  for (const { node } of heads) roles.set(node, 'output-head');
  const tokens = setTableRoles(parts, roles, beginnings, heads);
  setProjectionRoles(parts, roles, plans, blocks);
  const layers = withRoles(parts, roles, plans);
  const pairs = headsAndTables(heads, tokens);
  const facts = {
    layers,
    blocks,
    hiddenSize,
    vocabularySize: vocabularyOf(parts, tokens, beginnings),
    tiedHead: tiedHeadOf(pairs.map(({ head, table }) => isTied(head, table))),
    normalization: normalizationOf(parts),
    normPlacement: mostFrequent(plans.flatMap(({ normPlacement }) => normPlacement ?? [])),
    positions: positionsOf(found, roles, beginnings),
  };
  const hasTokens = tokens.length > 0 || beginnings.some(({ fused }) => fused !== undefined);
  const layout = guessLayout({ ...facts, activation: activationOf(found), hasTokens });
  const said = [...notes, ...roleNotes(layers)];
  return { anatomy: { kind: 'transformer', layout, ...facts, aside, notes: said }, pairs };
}

function withRoles(parts: Parts, roles: Roles, plans: readonly BlockPlan[]): Layer[] {
  const blockOf = new Map<number, number>();
  plans.forEach((plan, index) => {
    for (const { node } of linearsOf(parts, plan)) if (!blockOf.has(node)) blockOf.set(node, index);
  });
  return [...parts.found.byNode].map(([node, layer]) => {
    const role = roles.get(node) ?? layer.role;
    const block = blockOf.get(node);
    const place = block === undefined ? {} : { block, stack: plans[block].stack };
    return { ...layer, role, group: groupOf(role), ...place };
  });
}
