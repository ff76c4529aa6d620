import { useState } from 'react';
import type { MetricName } from '../../../../core/metrics/types.ts';
import type { FrontierData } from '../../../frontier/data.ts';
import { useBenchTrial } from '../../../state/bench.ts';
import { useFrontierChoice } from '../../../state/frontier-store.ts';
import { useModel } from '../../../state/model-store.ts';
import { useShownTrial } from '../../../state/trials.ts';
import { useView } from '../../../state/view-store.ts';
import { en } from '../../../strings/en.ts';
import { frontierWords as words } from '../../../strings/en-frontier.ts';
import { Segmented } from '../../../ui/segmented.tsx';
import { ChartBar } from './chart-bar.tsx';
import { Exports } from './exports.tsx';
import { FrontierChart } from './frontier-chart.tsx';
import { FrontierTable } from './frontier-table.tsx';
import { loadTrial, showTrial } from './show-trial.ts';
import { useAxisMarks, useFrontier } from './use-frontier.ts';
import styles from './frontier-tab.module.css';

/** Quality against size: every measured trial, the frontier, and where the recipe on the bench will land. */
export function FrontierTab() {
  const [asTable, setAsTable] = useState(false);
  const data = useFrontier();
  const marks = useAxisMarks(data);
  const originalBytes = useModel((state) => state.view?.bytes ?? 0);
  const selected = useShownTrial()?.id;
  const onBench = useBenchTrial()?.id;
  if (data === undefined) return null;
  const shared = { data, originalBytes, selected, onBench, onShow: showTrial, onLoad: loadTrial };
  return (
    <div className={styles.tab}>
      <div className={styles.toolbar}>
        <Axes data={data} />
        <span className={styles.show}>
          <Segmented
            label={en.frontier.show}
            value={asTable ? 'table' : 'chart'}
            options={[
              { value: 'chart', label: en.frontier.chart },
              { value: 'table', label: en.frontier.table },
            ]}
            onChange={(value) => setAsTable(value === 'table')}
          />
        </span>
        <Exports data={data} marks={marks} originalBytes={originalBytes} selected={selected} />
      </div>
      {asTable ? (
        <>
          <ChartBar data={data} />
          <div className={styles.area}>
            <FrontierTable {...shared} />
          </div>
        </>
      ) : (
        <FrontierChart {...shared} marks={marks} />
      )}
    </div>
  );
}

/** What the axes show. */
function Axes({ data: { qualities, of, canChange, timed } }: { data: FrontierData }) {
  return (
    <>
      <Segmented
        label={en.frontier.quality}
        value={of.quality.name}
        options={qualities.map(({ name }) => ({ value: name, label: en.metrics[name] }))}
        onChange={(name: MetricName) => useView.setState({ quality: name })}
      />
      {canChange && (
        <Segmented
          label={words.as}
          value={of.as}
          options={[
            { value: 'change', label: words.change },
            { value: 'value', label: words.value },
          ]}
          onChange={(as) => useFrontierChoice.setState({ as })}
        />
      )}
      {timed && (
        <Segmented
          label={words.across}
          value={of.setup ? 'time' : 'size'}
          options={[
            { value: 'size', label: words.sizeChoice },
            { value: 'time', label: words.timeChoice },
          ]}
          onChange={(across) => useFrontierChoice.setState({ across })}
        />
      )}
    </>
  );
}
