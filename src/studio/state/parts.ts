import type { ModelView, PartView } from '../../../workers/protocol.ts';

/** The parts a run works on, in the order of the folder: the open one, and those chosen beside it. */
export function chosenParts(
  view: Pick<ModelView, 'part' | 'parts'> | undefined,
  also: readonly string[],
): readonly PartView[] {
  if (view === undefined) return [];
  return view.parts.filter(({ path }) => path === view.part.path || also.includes(path));
}
