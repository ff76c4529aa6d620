import { openModel, type OpenModel } from '../engine/model/open.ts';
import { TASKS } from '../engine/model/task.ts';
import { choice, type CommandArguments } from './arguments.ts';
import { modelFolder } from './files/model-folder.ts';

/** Opens a MODEL for a command, for the task that `--task` asks for, if it does. */
export async function openArgument(
  args: CommandArguments,
  reference = args.model,
): Promise<OpenModel> {
  const task = choice(args, 'task', TASKS);
  const folder = await modelFolder(reference);
  return openModel({ ...folder, ...(task && { task }) });
}
