import { isCacheInput, wordsOf } from '../../data/cache-input.ts';
import { presentName } from '../../cache/names.ts';
import { editGraph } from '../../onnx/graph/edit.ts';
import { definedValues } from '../../onnx/graph/values.ts';
import type { Graph } from '../../onnx/types.ts';
import { numbered, withNumber } from './caches.ts';

/**
 * The graph with its cache ports numbered from 0 on without gaps, as loaders expect, each kind of port ("past_key_values.#.key")
 * for itself, where they were before the cut; others keep their names.
 */
export function renumberCaches(graph: Graph, before: Graph): Graph {
  const renames = renamesOf(graph, before);
  if (renames.length === 0) return graph;
  const editor = editGraph(graph);
  const defined = definedValues(graph);
  for (const [from, to] of renames) {
    if (defined.has(to)) editor.renameValue(to, editor.freshName(`${to}_before`));
    editor.renameValue(from, to);
    defined.delete(from);
    defined.add(to);
  }
  return editor.finish();
}

/** Ascending, so that a name is free before it is taken. */
function renamesOf(graph: Graph, before: Graph): (readonly [string, string])[] {
  const old = byPattern(cachePorts(before));
  const now = byPattern(cachePorts(graph));
  return [...now].flatMap(([pattern, numbers]) => {
    const gapless = (old.get(pattern) ?? []).every((number, at) => number === at);
    if (!gapless) return [];
    return numbers.flatMap((number, at) =>
      number === at ? [] : [[withNumber(pattern, number), withNumber(pattern, at)] as const],
    );
  });
}

function cachePorts({ inputs, outputs }: Graph): readonly string[] {
  const names = outputs.map(({ name }) => name);
  const pasts = inputs.map(({ name }) => name).filter(isCacheInput);
  const continued = new Set(pasts.flatMap((past) => presentName(past, names) ?? []));
  const presents = names.filter((name) => continued.has(name) || isPresent(name));
  return [...pasts, ...presents];
}

function isPresent(name: string): boolean {
  return wordsOf(name).includes('present') && numbered(name) !== undefined;
}

function byPattern(names: readonly string[]): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const name of names) {
    const own = numbered(name);
    if (own === undefined) continue;
    const numbers = [...(found.get(own.pattern) ?? []), own.number];
    found.set(
      own.pattern,
      numbers.sort((a, b) => a - b),
    );
  }
  return found;
}
