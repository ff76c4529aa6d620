import { withPart, partByWord } from '../engine/model/part-words.ts';
import type { ModelFolder } from '../engine/model/folder.ts';
import { text, type CommandArguments } from './arguments.ts';
import { modelFolder } from './files/model-folder.ts';

/** Which of a folder's parts a command is about. */
export const PART_OPTION = { part: 'string' } as const;

/** MODEL at the part that `--part` names, or at the one that stands for it. */
export async function chosenFolder(args: CommandArguments): Promise<ModelFolder> {
  const folder = await modelFolder(args.model);
  const word = text(args, 'part');
  return word === undefined ? folder : withPart(folder, partByWord(folder, word));
}

/** Whether `--part` names several: the result is a folder then. */
export function namesSeveral(args: CommandArguments): boolean {
  const word = text(args, 'part');
  return word !== undefined && (word === 'all' || word.includes(','));
}
