import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { rewriteEntries } from '../src/core/autodiff/normalise/rewrites/index.ts';
import { cutReasons } from '../src/core/autodiff/rules/cuts.ts';
import { gradientEntries } from '../src/core/autodiff/rules/index.ts';
import { OPERATORS } from '../src/core/onnx/operators/table.ts';

/** Where the list of operators stands. */
export const OPERATORS_FILE = fileURLToPath(new URL('../docs/operators.md', import.meta.url));

/** What differentiation does with one operator. */
export interface OperatorStatus {
  readonly domain: string;
  readonly name: string;
  readonly status: 'rule' | 'rule, other forms rewritten' | 'rewritten' | 'cut' | 'none';
  /** Its gradient, or why the path ends. */
  readonly gradient: string;
}

/** Every operator that Lathe knows, with its status, by domain and name. */
export function operatorStatuses(): readonly OperatorStatus[] {
  const rules = byKey(gradientEntries);
  const rewrites = byKey(rewriteEntries);
  const known = OPERATORS.map(({ domain, name }) => `${domain}:${name}`);
  const cuts = [...cutReasons.keys()].map((name) => `:${name}`);
  const keys = new Set([...known, ...cuts, ...rules.keys(), ...rewrites.keys()]);
  return [...keys].sort(byDomain).map((key): OperatorStatus => {
    const [domain, name] = key.split(':');
    const rule = rules.get(key);
    const cut = domain === '' ? cutReasons.get(name) : undefined;
    const gradient = rule ? withNote(rule.equation, rule.note) : (cut ?? '—');
    if (rule) {
      const status = rewrites.has(key) ? 'rule, other forms rewritten' : 'rule';
      return { domain, name, status, gradient };
    }
    if (rewrites.has(key)) return { domain, name, status: 'rewritten', gradient: WRITTEN_OUT };
    return { domain, name, status: cut === undefined ? 'none' : 'cut', gradient };
  });
}

const WRITTEN_OUT = 'that of the operators it is written out in';

function byKey<T extends { readonly operators: readonly string[]; readonly domain?: string }>(
  entries: readonly T[],
): ReadonlyMap<string, T> {
  const pairs = entries.flatMap((entry) =>
    entry.operators.map((name): [string, T] => [`${entry.domain ?? ''}:${name}`, entry]),
  );
  return new Map(pairs);
}

/** ai.onnx first, then by name in the order of code points. */
function byDomain(a: string, b: string): number {
  return a < b ? -1 : 1;
}

function withNote(equation: string, note: string | undefined): string {
  return note === undefined ? equation : `${equation} (${note})`;
}

/** The page `docs/operators.md`. */
export function operatorsPage(): string {
  const all = operatorStatuses();
  const count = (status: string) => all.filter((row) => row.status.startsWith(status)).length;
  return `<!-- Made by tools/generate-docs.ts from the gradient rules themselves; do not edit. -->

# Operators and their gradients

What \`core/autodiff\` does with each operator when it writes the backward graph of a model.

- **rule** (${count('rule')}): its gradient is written as ONNX nodes by a rule in \`src/core/autodiff/rules\`. Each rule is checked by central
  differences in float64, against PyTorch, and in onnxruntime.
- **rewritten** (${count('rewritten')}): it is first written out in other operators (\`src/core/autodiff/normalise\`), which have rules.
  Some operators with a rule have older or rarer forms that are rewritten to the one the rule is for.
- **cut** (${count('cut')}): the gradient ends there, for the reason given. Values of integer or boolean type carry no gradient,
  except the codes between QuantizeLinear and DequantizeLinear.
- **none** (${count('none')}): a model that has it between trained weights and the loss is refused, with the node's name.

| operator | domain | status | gradient, or why it ends |
| --- | --- | --- | --- |
${all.map(row).join('\n')}
`;
}

function row({ domain, name, status, gradient }: OperatorStatus): string {
  return `| ${name} | ${domain || 'ai.onnx'} | ${status} | ${gradient.replaceAll('|', '\\|')} |`;
}

/** Whether the checked-in page is what the rules say now. */
export function operatorsPageIsFresh(): boolean {
  return existsSync(OPERATORS_FILE) && readFileSync(OPERATORS_FILE, 'utf8') === operatorsPage();
}
