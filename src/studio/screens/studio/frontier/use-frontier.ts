import { useMemo } from 'react';
import { formatBytes } from '../../../format/format.ts';
import { frontierData, type FrontierData } from '../../../frontier/data.ts';
import type { AxisMark } from '../../../frontier/marks.ts';
import { INTERIM } from '../../../frontier/points.ts';
import { useBenchTrial } from '../../../state/bench.ts';
import { useForecast } from '../../../state/forecast-store.ts';
import { useFrontierChoice } from '../../../state/frontier-store.ts';
import { useJob } from '../../../state/job-store.ts';
import { useModel } from '../../../state/model-store.ts';
import { useModelTrials } from '../../../state/trials.ts';
import { useView } from '../../../state/view-store.ts';
import { frontierWords as words } from '../../../strings/en-frontier.ts';

/** What the chart is of, and every point on it. */
export function useFrontier(): FrontierData | undefined {
  const trials = useModelTrials();
  const view = useModel((state) => state.view);
  const quality = useView((state) => state.quality);
  const { as, across } = useFrontierChoice();
  const interim = useJob((state) => (state.running ? state.interim : undefined));
  return useMemo(
    () => view && frontierData(trials, view, { quality, as, across }, interim, words),
    [trials, view, quality, as, across, interim],
  );
}

/** Marks on the size axis: the forecast, tied to the trial it led to; the original, until something is measured. */
export function useAxisMarks(data: FrontierData | undefined): readonly AxisMark[] {
  const bytes = useForecast((state) => state.forecast?.bytes);
  const originalBytes = useModel((state) => state.view?.bytes);
  const led = useBenchTrial()?.id;
  const timed = data?.of.setup !== undefined;
  const empty = data === undefined || data.points.length === 0;
  const interim = data?.points.find(({ id }) => id === INTERIM)?.bytes;
  return useMemo(() => {
    if (timed) return [];
    const becomes = led ?? (interim !== undefined && interim === bytes ? INTERIM : undefined);
    return [
      ...(empty && originalBytes !== undefined
        ? [{ id: 'mark:original', bytes: originalBytes, text: words.original }]
        : []),
      ...(bytes === undefined ? [] : [forecastMark(bytes, becomes)]),
    ];
  }, [timed, empty, originalBytes, bytes, led, interim]);
}

function forecastMark(bytes: number, becomes: string | undefined): AxisMark {
  const text = words.forecast(formatBytes(bytes));
  return { id: 'mark:forecast', bytes, text, accent: true, becomes };
}
