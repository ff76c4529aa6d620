import { LatheError } from '../../core/errors/lathe-error.ts';
import { DataType } from '../../core/tensor/data-type.ts';
import type { Value } from '../../core/tensor/values.ts';
import type { PortInfo, Session } from '../types.ts';
import { toFloats, type Feeds } from '../values.ts';
import type { Contender, Logits, Protocol } from './types.ts';

export type { Logits } from './types.ts';

const FLOATS = new Set<number>([DataType.float32, DataType.float16, DataType.float64]);

export function isFloat(port: PortInfo): boolean {
  return FLOATS.has(port.dataType);
}

/** The output that holds scores: the one called `logits`, else the first of floating point. */
export function scoreOutput(session: Pick<Session, 'outputs'>): string {
  const floats = session.outputs.filter(isFloat);
  const output = floats.find((port) => port.name === 'logits') ?? floats.at(0);
  if (output === undefined) {
    throw new LatheError(
      'no-scores',
      "None of the model's outputs holds floating-point scores, so nothing can be measured on it; export the model with its logits.",
    );
  }
  return output.name;
}

/**
 * The outputs that are measured: the one answer, or for `exits` all that a contender names, else all that look
 * like its scores. With the place of the answer among them.
 */
export function measuredOutputs(
  { session, outputs }: Contender,
  protocol: Protocol = 'windows',
): { readonly names: readonly string[]; readonly answer: number } {
  if (protocol !== 'exits') return { names: [outputs?.[0] ?? scoreOutput(session)], answer: 0 };
  const answer = scoreOutput(session);
  const { dims } = session.outputs.find(({ name }) => name === answer) ?? { dims: [] };
  const alike = session.outputs.filter(
    (port) => isFloat(port) && port.dims.length === dims.length && port.dims.at(-1) === dims.at(-1),
  );
  const names = outputs ?? alike.map(({ name }) => name);
  return { names, answer: names.includes(answer) ? names.indexOf(answer) : names.length - 1 };
}

/** Runs for the scores alone: caches and hidden states are not copied out. */
export async function runLogits(session: Session, feeds: Feeds, output: string): Promise<Logits> {
  const results = await session.run(feeds, [output]);
  return logitsOf(output, results[output]);
}

/** The same of several outputs, from one run. */
export async function runScores(
  session: Session,
  feeds: Feeds,
  outputs: readonly string[],
): Promise<Logits[]> {
  const results = await session.run(feeds, outputs);
  return outputs.map((output) => logitsOf(output, results[output]));
}

export function logitsOf(name: string, value: Value): Logits {
  const values = toFloats(value);
  const classes = value.dims.at(-1) ?? 0;
  if (value.dims.length < 2 || classes < 2) throw noScores(name, value.dims);
  return { values, rows: values.length / classes, classes };
}

function noScores(name: string, dims: readonly number[]): LatheError {
  return new LatheError(
    'logits-shape',
    `The output "${name}" has shape [${dims.join(', ')}], which holds no scores of several classes per row; choose another kind of measurement for this model.`,
    { name },
  );
}
