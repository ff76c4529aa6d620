import { stringAttribute } from '../../onnx/graph/attributes.ts';
import type { GradientContext, GradientEntry } from '../types.ts';
import { noGradientForm } from './read-node.ts';

interface Equation {
  readonly terms: readonly string[];
  readonly out: string;
}

/**
 * y = Σ over the labels that y lacks, of ∏ᵢ xᵢ: ∂L/∂xᵢ is the same product with ∂L/∂y in the place of
 * xᵢ, summed to the labels of xᵢ; a label that only xᵢ has was summed alone and is broadcast back.
 * Every operand must name each label once (no diagonals).
 */
function einsum(context: GradientContext): (string | undefined)[] {
  const { node, emit, dy, input, dims, wants } = context;
  const { terms, out } = equationOf(context);
  return terms.map((own, i) => {
    if (!wants(i)) return undefined;
    const others = terms.flatMap((labels, j) => (j === i ? [] : [{ labels, value: input(j) }]));
    const seen = new Set([...out, ...others.flatMap(({ labels }) => [...labels])]);
    const found = [...own].filter((label) => seen.has(label));
    const sizes = dims(i).filter((_, axis) => seen.has(own[axis]));
    const equation = `${[out, ...others.map((o) => o.labels)].join()}->${found.join('')}`;
    const values = [dy, ...others.map((o) => o.value)];
    const sum =
      node.inputs.length === 1 && out === found.join('')
        ? dy
        : emit.op('Einsum', values, sizes, { attributes: { equation } });
    const aligned = dims(i).map((size, axis) => (seen.has(own[axis]) ? size : 1));
    return emit.expand(emit.reshape(sum, aligned), dims(i));
  });
}

function equationOf(context: GradientContext): Equation {
  const { node, dims } = context;
  const text = stringAttribute(node, 'equation', '').replaceAll(' ', '');
  const [left, right] = spellOut(text, dims).split('->');
  const terms = left.split(',');
  if (terms.some((labels) => new Set(labels).size !== labels.length)) {
    throw noGradientForm(context, 'with a diagonal');
  }
  const spread = terms.some((labels, i) => labels.length !== dims(i).length);
  if (left.includes('.') || spread || broadcasts(terms, dims)) {
    throw noGradientForm(context, 'with axes that are broadcast');
  }
  return { terms, out: right ?? implicitOutput(left) };
}

/** "..." as labels of its own, when every operand that has it has as many axes there. */
function spellOut(text: string, dims: (index: number) => readonly number[]): string {
  if (!text.includes('...')) return text;
  const terms = text.split('->')[0].split(',');
  const counts = terms.flatMap((labels, i) =>
    labels.includes('...') ? [dims(i).length - (labels.length - 3)] : [],
  );
  if (new Set(counts).size !== 1) return text;
  const unused = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'].filter((label) => !text.includes(label));
  const labels = unused.slice(0, counts[0]).join('');
  const arrow = text.includes('->')
    ? text
    : `${text}->...${implicitOutput(text.replaceAll('...', ''))}`;
  return arrow.replaceAll('...', labels);
}

/** Without "->": the labels that occur once, in alphabetical order. */
function implicitOutput(left: string): string {
  const labels = [...left.replaceAll(',', '')].sort();
  return labels.filter((l) => labels.indexOf(l) === labels.lastIndexOf(l)).join('');
}

/** Whether a label has size 1 in one operand and another size in the next. */
function broadcasts(terms: readonly string[], dims: (index: number) => readonly number[]): boolean {
  const sizes = new Map<string, number>();
  return terms.some((labels, i) =>
    [...labels].some((label, axis) => {
      const known = sizes.get(label) ?? dims(i)[axis];
      sizes.set(label, known);
      return known !== dims(i)[axis];
    }),
  );
}

export const einsumRules: readonly GradientEntry[] = [
  {
    operators: ['Einsum'],
    rule: einsum,
    equation: '∂L/∂xᵢ = the product with ∂L/∂y in the place of xᵢ, summed to its labels',
    note: 'without diagonals and broadcast axes',
  },
];
