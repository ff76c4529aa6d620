import { useEffect } from 'react';
import { useLocation } from 'wouter';
import { create } from 'zustand';
import { acceptLink } from '../flows/share-link.ts';
import { openReference, rememberedSample } from '../flows/open-model.ts';
import { notify } from '../state/notice-store.ts';
import { en } from '../strings/en.ts';
import { useModel } from '../state/model-store.ts';

interface Arrival {
  /** What a shared link asks for and the user has to agree to, or to bring. */
  readonly origin?: string;
  readonly modelName?: string;
}

export const useWanted = create<Arrival>()(() => ({}));

let arrived = false;

/** A shared link or a reload: brings back what can be brought back without asking. */
export function useArrival(): void {
  const [path, navigate] = useLocation();
  useEffect(() => {
    if (arrived) return;
    arrived = true;
    void arrive(path, navigate);
    // Only the first location counts.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
}

async function arrive(path: string, navigate: (path: string) => void): Promise<void> {
  const { origin, modelName, recipe } = await acceptLink(location.hash);
  if (origin?.startsWith('sample:')) {
    if (!(await openReference(origin))) return;
    navigate('/studio');
    if (recipe) notify(en.share.arrived);
  } else if (origin !== undefined) {
    useWanted.setState({ origin, modelName });
  } else {
    const remembered = path === '/studio' || path === '/runs' ? rememberedSample() : undefined;
    if (remembered !== undefined && useModel.getState().view === undefined) {
      await openReference(remembered);
    }
  }
}
