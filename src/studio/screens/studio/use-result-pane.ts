import { useEffect } from 'react';
import { useJob } from '../../state/job-store.ts';
import { useView } from '../../state/view-store.ts';

/** Where one pane is shown at a time, the result comes to the front once a run has one. */
export function useResultPane(): void {
  useEffect(() => {
    let before: string | undefined;
    let waiting = useJob.getState().running;
    const stopJob = useJob.subscribe((now, was) => {
      if (now.running === was.running) return;
      // A run that ended without a trial was cancelled, or failed.
      waiting = now.running;
      before = useView.getState().trial;
    });
    const stopView = useView.subscribe(({ trial }) => {
      if (!waiting || trial === undefined || trial === before) return;
      waiting = false;
      useView.setState({ pane: 'result' });
    });
    return () => {
      stopJob();
      stopView();
    };
  }, []);
}
