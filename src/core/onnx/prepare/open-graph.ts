import { unfoldBranches } from '../branches/unfold.ts';
import type { Model } from '../types.ts';
import { prepareModel, type Prepared } from './prepare.ts';
import { rememberStored } from './stored-form.ts';

/**
 * A model that was read, as everything after its opening sees it: {@link prepareModel}, then the branches of a merged
 * decoder side by side ({@link unfoldBranches}). Throws what these throw.
 */
export async function openGraph(stored: Model): Promise<Prepared> {
  const { model, opened } = prepareModel(stored);
  const unfolded = await unfoldBranches(model);
  // Folding gives back what was unfolded; only what was changed before that has another size on disk.
  if (model !== stored) rememberStored(unfolded, stored);
  return { model: unfolded, opened };
}
