import { openModel, type OpenModel } from '../engine/model/open.ts';
import { TASKS } from '../engine/model/task.ts';
import { choice, type CommandArguments } from './arguments.ts';
import { modelFolder } from './files/model-folder.ts';
import { chosenFolder } from './part.ts';

/** Opens MODEL, at the part that `--part` names, or another; for the task that `--task` asks for, if it does. */
export async function openArgument(args: CommandArguments, reference?: string): Promise<OpenModel> {
  const task = choice(args, 'task', TASKS);
  const folder = await (reference === undefined ? chosenFolder(args) : modelFolder(reference));
  return openModel({ ...folder, ...(task && { task }) });
}
