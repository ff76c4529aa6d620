/** What a model can be measured on, and trained for. */
export const TASKS = [
  'language-model',
  'sequence-to-sequence',
  'masked-language-model',
  'classifier',
  'token-classifier',
  'question-answering',
  'pairs',
  'encoder',
  'unknown',
] as const;

export type Task = (typeof TASKS)[number];

/** A task with what told it: shown wherever the task is. */
export interface TaskChoice {
  readonly task: Task;
  /** Without full stop: what was seen in the graph, in `config.json`, or that it was asked for. */
  readonly reason: string;
}
