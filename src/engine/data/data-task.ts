import type { Dataset } from '../../core/data/types.ts';
import type { OpenModel } from '../model/open.ts';
import type { Task } from '../model/task.ts';

/**
 * What a model is measured on and trained for, now that its data is known: labels say more than shapes do.
 * A class per position makes a token classifier of whatever was taken for an encoder, a class per example a
 * classifier, where the graph can serve it and nothing else was asked for.
 */
export function dataTask(
  { task, tasks, taskAsked }: Pick<OpenModel, 'task' | 'tasks' | 'taskAsked'>,
  dataset: Dataset | undefined,
): Task {
  if (taskAsked || (task !== 'encoder' && task !== 'unknown')) return task;
  const told = labelledTask(dataset);
  return told !== undefined && tasks.includes(told) ? told : task;
}

function labelledTask(dataset: Dataset | undefined): Task | undefined {
  if (dataset === undefined || dataset.kind === 'pairs') return undefined;
  if (dataset.kind === 'text') {
    return (dataset.labels ?? dataset.writtenLabels) ? 'classifier' : undefined;
  }
  if (dataset.positionLabels) return 'token-classifier';
  return dataset.labels && 'classifier';
}
