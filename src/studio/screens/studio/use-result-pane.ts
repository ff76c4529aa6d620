import { useEffect, useState, useSyncExternalStore } from 'react';
import { useJob } from '../../state/job-store.ts';
import { useView, type Pane, type ViewState } from '../../state/view-store.ts';
import { paneAfterRun, seenPane } from './panes.ts';

/** The recipe has a column of its own, evidence and result take turns: as in `studio-screen.module.css`. */
const TWO_COLUMNS = '(width >= 840px)';
const TAKING_TURNS = '(width <= 1000px)';

function follow(changed: () => void): () => void {
  const query = matchMedia(TWO_COLUMNS);
  query.addEventListener('change', changed);
  return () => query.removeEventListener('change', changed);
}

const hasTwoColumns = (): boolean => matchMedia(TWO_COLUMNS).matches;

interface Panes {
  readonly seen: Pane;
  /** The recipe is seen beside every pane. */
  readonly beside: boolean;
  /** There is a result that was not looked at yet. */
  readonly fresh: boolean;
}

/** Where one pane is shown at a time: which one, and what a run that ends does to it. */
export function useResultPane(): Panes {
  const pane = useView((state) => state.pane);
  const beside = useSyncExternalStore(follow, hasTwoColumns);
  const [fresh, setFresh] = useState(false);
  useEffect(() => {
    const seen = ({ pane: shown, tab }: ViewState) => ({
      pane: seenPane(shown, hasTwoColumns()),
      tab,
    });
    const stopRuns = onResult(() => {
      const next = paneAfterRun(seen(useView.getState()));
      useView.setState({ pane: next });
      // Where all columns are seen, so is the result.
      setFresh(next !== 'result' && matchMedia(TAKING_TURNS).matches);
    });
    const stopView = useView.subscribe((now) => {
      if (now.pane === 'result') setFresh(false);
    });
    return () => {
      stopRuns();
      stopView();
    };
  }, []);
  return { seen: seenPane(pane, beside), beside, fresh };
}

/** Tells once of each run that has led to a trial. */
function onResult(tell: () => void): () => void {
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
    tell();
  });
  return () => {
    stopJob();
    stopView();
  };
}
