import { useIsFetching } from '@tanstack/react-query';
import { useLayoutEffect } from 'react';
import { useModel } from '../../state/model-store.ts';
import { useModelTrials, useTrials } from '../../state/trials.ts';
import { useView } from '../../state/view-store.ts';

/** The model whose first tab was chosen already: from then on the user chooses. */
let decidedFor: string | undefined;

/** A model with trials, own or shipped with it, opens on what was measured; one without on where its bytes are. */
export function useFirstTab(): void {
  const sha256 = useModel((state) => state.view?.sha256);
  const { loading } = useTrials();
  const fetching = useIsFetching({ queryKey: ['shipped'] }) > 0;
  const measured = useModelTrials().some(({ state }) => state === 'done');
  // Before anything is painted: the other tab must not flash up.
  useLayoutEffect(() => {
    if (sha256 === undefined || loading || fetching || sha256 === decidedFor) return;
    decidedFor = sha256;
    useView.setState({ tab: measured ? 'frontier' : 'size' });
  }, [sha256, loading, fetching, measured]);
}
