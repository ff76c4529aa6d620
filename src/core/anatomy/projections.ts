import type { AttentionCore } from './core.ts';
import type { Linear } from './linear.ts';
import { isFused, isMove, isOp } from './operators.ts';
import { inputSource, lastFactor } from './parts.ts';
import type { Parts } from './parts.ts';
import { isRotation } from './rotary.ts';
import { dataInputs, walk } from './walk.ts';

/** The linear maps around one attention core. */
export interface Projections {
  readonly query: readonly Linear[];
  readonly key: readonly Linear[];
  readonly value: readonly Linear[];
  /** Those that read the context. */
  readonly output: readonly Linear[];
  readonly rotary: boolean;
  /** Keys of earlier steps come in as graph inputs. */
  readonly cached: boolean;
  /** Keys come from another stream than queries. */
  readonly cross: boolean;
}

/** Finds the linear maps that feed q, k and v and those that read the context. */
export function findProjections(parts: Parts, core: AttentionCore): Projections {
  const query = feedersOf(parts, core.query);
  const key = feedersOf(parts, core.key);
  const value = feedersOf(parts, core.value);
  const cached = core.cached || key.graphInputs.length > 0;
  return {
    query: query.linears,
    key: key.linears,
    value: value.linears,
    output: core.output === '' ? [] : readersOf(parts, core.output),
    rotary: core.rotary || query.rotary,
    cached,
    cross: !core.inside && isCross(parts, query, key),
  };
}

interface Feeders {
  readonly linears: readonly Linear[];
  readonly graphInputs: readonly string[];
  readonly rotary: boolean;
}

/** Goes back from a value to the nearest linear maps, through reshaping, rotation, norms, caches. */
function feedersOf(parts: Parts, start: string): Feeders {
  const { view } = parts;
  const linears: Linear[] = [];
  const graphInputs: string[] = [];
  let rotary = false;
  walk([start], (value) => {
    const linear = parts.linearMaking.get(value);
    if (linear) {
      linears.push(linear);
      return [];
    }
    const norm = parts.normMaking.get(value);
    if (norm) return [norm.input];
    if (view.inputs.has(value)) graphInputs.push(value);
    const node = view.maker(value);
    if (!node) return [];
    rotary ||= isRotation(view, node);
    // A permutation of channels is written as a product with a constant that is no layer.
    if (isOp(node, 'MatMul') && view.isConstant(node.inputs[1])) return [node.inputs[0]];
    return dataInputs(view, node, value);
  });
  return { linears: sameStream(parts, linears), graphInputs, rotary };
}

/**
 * A walk that found no projection runs on along the residual stream and collects linear maps of
 * other parts; those read different values. Real projections of one operand read the same one.
 */
function sameStream(parts: Parts, linears: readonly Linear[]): readonly Linear[] {
  const sources = new Set(linears.map((linear) => inputSource(parts, linear)));
  return sources.size === 1 ? linears : [];
}

/** Goes on from the context to the first linear maps, through reshaping, gating and norms. */
function readersOf(parts: Parts, start: string): Linear[] {
  const { view } = parts;
  const found: Linear[] = [];
  walk([start], (value) => {
    const onward = (parts.normsReading.get(value) ?? []).map((norm) => norm.output);
    for (const { node: index, slot } of view.uses(value)) {
      const node = view.nodes[index];
      const linear = parts.linearMaking.get(node.outputs[0]);
      if (linear?.input === value) found.push(lastFactor(parts, linear));
      else if (isMove(node) ? slot === 0 : isOp(node, 'Mul', 'Div', 'Concat')) {
        onward.push(...(isFused(node, 'DynamicQuantizeLinear') ? [node.outputs[0]] : node.outputs));
      } else if (isOp(node, 'Gather') && slot === 0) onward.push(node.outputs[0]);
    }
    return onward;
  });
  return found;
}

/**
 * Self-attention projects q and k from one value. Keys that come ready from graph inputs, with no
 * projection while the query has one, are those of a cross-attention kept from an earlier step.
 */
function isCross(parts: Parts, query: Feeders, key: Feeders): boolean {
  if (query.linears.length === 0) return false;
  if (key.linears.length === 0) return key.graphInputs.length > 0;
  return inputSource(parts, query.linears[0]) !== inputSource(parts, key.linears[0]);
}
