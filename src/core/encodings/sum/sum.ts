import { DataType } from '../../tensor/data-type.ts';
import type { Emitter } from '../emitter.ts';
import type { Codec, Connection, Form, Nest, ProductTarget, Site } from '../form.ts';
import { innerSite, matrixOf, multiply, prefixed, rowsOf, wholeSite } from '../inner.ts';
import { requireKind } from '../problems.ts';
import type { Group, Span, Sum } from '../types.ts';

/** Most values a picture of the levels can show. */
const MOST_LEVELS = 4096;

/**
 * Ŵ = Σ parts. Where a part has a kernel or is a product, the layer adds the parts' outputs; else the
 * parts are added up first, which costs one product instead of several. So it is, too, where a part is stored
 * sparse: that is a whole matrix in the graph, so a kernel for the others would only add a product.
 */
export const sum: Codec<Sum> = {
  opset: () => 1,
  form: sumForm,
  decode: ({ parts }, shape, nest) =>
    parts
      .map((part) => nest.decode(part, shape))
      .reduce((total, part) => total.map((value, i) => value + part[i])),
  group: ({ parts }, shape, entry, nest) =>
    sumGroup(parts.map((part) => nest.group(part, shape, entry))),
  did: () => 'split into a sum',
  key: ({ parts }, nest) => `sum(${parts.map((part) => nest.key(part)).join(' ')})`,
};

function sumForm(structure: Sum, site: Site, nest: Nest): Form {
  const scattered = structure.parts.some(({ kind }) => kind === 'sparse');
  const looksUp = site.uses.some(({ op }) => op === 'Gather');
  const inner = scattered && !looksUp ? wholeSite(site, site) : innerSite(site, site);
  const forms = structure.parts.map((part) => nest.form(part, inner));
  const counts = forms.map((form, i) => form.tensors(structure.parts[i]).length);
  return {
    id: 'sum',
    tensors: (encoded) => {
      const { parts } = requireKind(encoded, 'sum');
      return forms.flatMap((form, i) => prefixed(`_part${i}`, form.tensors(parts[i])));
    },
    connect: (emit, names) => {
      let start = 0;
      const parts = forms.map((form, i) =>
        form.connect(emit, names.slice(start, (start += counts[i]))),
      );
      return sumConnection(emit, parts, scattered);
    },
  };
}

function sumConnection(
  emit: Emitter,
  parts: readonly Connection[],
  scattered: boolean,
): Connection {
  if (parts.length === 1) return parts[0];
  const add = (values: readonly string[], output?: string): string =>
    values.reduce((total, value, i) => {
      const last = i === values.length - 1 && output !== undefined;
      return emit.op('Add', [total, value], {}, last ? { output } : {});
    });
  let value: string | undefined;
  const byParts = (x: string, { elementType, output }: ProductTarget): string =>
    add(
      parts.map((part) => multiply(emit, part, x, { elementType })),
      output,
    );
  return {
    value: () => {
      value ??= add(parts.map((part) => matrixOf(emit, part, 'out-in')));
      return { value, layout: 'out-in', elementType: DataType.float32, unfolded: true };
    },
    ...(!scattered && parts.some((part) => part.multiply) && { multiply: byParts }),
    rows: (picked) => add(parts.map((part) => rowsOf(emit, part, picked))),
  };
}

/** Weights that share the grids of all parts can take all sums of their values. */
function sumGroup(groups: readonly (Group | undefined)[]): Group | undefined {
  let levels = Float32Array.of(0);
  const known = groups.filter((group) => group !== undefined);
  for (const group of known) {
    if (levels.length * group.levels.length > MOST_LEVELS) return undefined;
    levels = Float32Array.from([...levels].flatMap((sum) => [...group.levels].map((l) => sum + l)));
  }
  if (known.length < groups.length) return undefined;
  return {
    rows: shared(known.map(({ rows }) => rows)),
    columns: shared(known.map(({ columns }) => columns)),
    bits: known.reduce((sum, { bits }) => sum + bits, 0),
    ...{ scale: 1, levels },
  };
}

function shared(spans: readonly Span[]): Span {
  return {
    from: Math.max(...spans.map(({ from }) => from)),
    end: Math.min(...spans.map(({ end }) => end)),
  };
}
