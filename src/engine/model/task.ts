import type { Anatomy } from '../../core/anatomy/types.ts';
import type { Model } from '../../core/onnx/types.ts';
import type { ModelConfig } from './config.ts';
import { isTokens, taskFacts, type TaskFacts } from './tasks/facts.ts';
import { toldBy } from './tasks/rules.ts';
import type { Task, TaskChoice } from './tasks/types.ts';
import { checkServed, servedTasks } from './tasks/unfit.ts';

export { TASKS, type Task, type TaskChoice } from './tasks/types.ts';

/** Whether sequences of token ids go in. */
export function takesTokens(model: Model): boolean {
  return model.graph.inputs.some(isTokens);
}

/**
 * Told by the shapes of inputs and outputs, declared or inferred, helped by `config.json`: tokens in and
 * a score per vocabulary entry and position out is a language model; one row of scores per example a
 * classifier, one per position a token classifier; tokens in and vectors out an encoder. Whatever is none
 * of these is measured by how far its outputs moved.
 */
export function taskOf(model: Model, anatomy: Anatomy, config: ModelConfig): TaskChoice {
  return toldBy(taskFacts(model, anatomy, config));
}

/** The task of a model, and which others it could be asked to serve. */
export interface TaskFound {
  readonly task: Task;
  readonly taskReason: string;
  readonly tasks: readonly Task[];
  /** The task was asked for: data does not change it. */
  readonly taskAsked: boolean;
}

/** The task that was asked for, if the graph can serve it, else the one that was told. Throws `task-unfit`. */
export function findTask(
  name: string,
  ground: { readonly model: Model; readonly anatomy: Anatomy; readonly config: ModelConfig },
  asked?: Task,
): TaskFound {
  const facts: TaskFacts = taskFacts(ground.model, ground.anatomy, ground.config);
  const { task, reason } = asked === undefined ? toldBy(facts) : chosen(name, asked, facts);
  return { task, taskReason: reason, tasks: servedTasks(facts), taskAsked: asked !== undefined };
}

function chosen(name: string, task: Task, facts: TaskFacts): TaskChoice {
  checkServed(name, task, facts);
  const told = toldBy(facts);
  const instead = told.task === task ? '' : `; it looks like ${told.task}: ${told.reason}`;
  return { task, reason: `it was asked for${instead}` };
}
