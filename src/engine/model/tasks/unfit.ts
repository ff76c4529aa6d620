import { LatheError } from '../../../core/errors/lathe-error.ts';
import type { OutputFact, TaskFacts } from './facts.ts';
import { pairScores, rankOf, spanScores, widthOf } from './rules.ts';
import { TASKS, type Task } from './types.ts';

/** What a task cannot do without, with the words for its absence. */
type Need = readonly [(facts: TaskFacts) => boolean, string];

const ranked = (rank: number, width: number) => (output: OutputFact) =>
  (rankOf(output) ?? rank) === rank && (widthOf(output) ?? width) >= width;

const TOKENS: Need = [({ tokens }) => tokens, 'no input takes tokens'];
const OUTPUT: Need = [({ outputs }) => outputs.length > 0, 'it has no output of floating point'];
const PER_EXAMPLE: Need = [
  ({ outputs }) => outputs.some(ranked(2, 2)),
  'no output holds one row of scores per example',
];
const PER_POSITION: Need = [
  ({ outputs }) => outputs.some(ranked(3, 2)),
  'no output holds a row of scores per position',
];
const SOURCE: Need = [({ source }) => source, 'no input takes what an encoder read'];
const ENDS: Need = [
  (facts) => spanScores(facts) !== undefined,
  'no two outputs score the start and the end of an answer',
];
const MATRIX: Need = [
  (facts) => pairScores(facts) !== undefined,
  'no output scores features against texts',
];

const NEEDS: Readonly<Record<Task, readonly Need[]>> = {
  'language-model': [TOKENS, PER_POSITION],
  'sequence-to-sequence': [TOKENS, SOURCE, PER_POSITION],
  'masked-language-model': [TOKENS, PER_POSITION],
  classifier: [PER_EXAMPLE],
  'token-classifier': [PER_POSITION],
  'question-answering': [ENDS],
  pairs: [MATRIX],
  encoder: [OUTPUT],
  unknown: [],
};

/** The tasks that a graph has the inputs and outputs for. */
export function servedTasks(facts: TaskFacts): Task[] {
  return TASKS.filter((task) => missing(task, facts) === undefined);
}

/** Refuses a task the graph cannot serve: `task-unfit`. */
export function checkServed(name: string, task: Task, facts: TaskFacts): void {
  const lacking = missing(task, facts);
  if (lacking === undefined) return;
  throw new LatheError(
    'task-unfit',
    `The model "${name}" cannot serve as ${task}, because ${lacking} (${described(facts)}); choose one of ${servedTasks(facts).join(', ')}.`,
    { task },
  );
}

function missing(task: Task, facts: TaskFacts): string | undefined {
  return NEEDS[task].find(([met]) => !met(facts))?.[1];
}

const LISTED = 4;

function described({ outputs }: TaskFacts): string {
  if (outputs.length === 0) return 'it has none';
  const listed = outputs.slice(0, LISTED).map(({ name, dims }) => {
    const sizes = dims?.map((dim) => dim || '?').join(', ');
    return `"${name}" [${sizes ?? '?'}]`;
  });
  return `it has ${listed.join(', ')}${outputs.length > LISTED ? ' …' : ''}`;
}
