import { openModel, type OpenModel } from './open.ts';
import { siblingPart, type PartRole } from './parts.ts';

/**
 * The part with another role that belongs to an opened one, opened as well: in the same place of the folder, of
 * the same dtype where there is one. Undefined where there is none. Throws what `openModel` throws.
 */
export async function openSibling(
  { folder, part }: Pick<OpenModel, 'folder' | 'part'>,
  ...roles: readonly PartRole[]
): Promise<OpenModel | undefined> {
  for (const role of roles) {
    const found = siblingPart(folder, part, role);
    if (found !== undefined && found.path !== part.path) {
      return openModel({ ...folder, model: found.path });
    }
  }
  return undefined;
}

/** Whether a folder has a part of one of these roles beside an opened one. */
export function hasSibling(
  { folder, part }: Pick<OpenModel, 'folder' | 'part'>,
  ...roles: readonly PartRole[]
): boolean {
  return roles.some((role) => siblingPart(folder, part, role) !== undefined);
}
