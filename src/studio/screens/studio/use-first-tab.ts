import { useEffect } from 'react';
import { useModel } from '../../state/model-store.ts';
import { useModelTrials, useTrials } from '../../state/trials.ts';
import { useView } from '../../state/view-store.ts';

/** The model whose first tab was chosen already: from then on the user chooses. */
let decidedFor: string | undefined;

/** A model with trials opens on what was measured, one without on where its bytes are. */
export function useFirstTab(): void {
  const sha256 = useModel((state) => state.view?.sha256);
  const { loading } = useTrials();
  const measured = useModelTrials().some(({ state }) => state === 'done');
  useEffect(() => {
    if (sha256 === undefined || loading || sha256 === decidedFor) return;
    decidedFor = sha256;
    useView.setState({ tab: measured ? 'frontier' : 'size' });
  }, [sha256, loading, measured]);
}
