import { Download, Image } from 'lucide-react';
import { useMemo, useRef, useState } from 'react';
import { ORIGINAL } from '../../../../../workers/protocol.ts';
import type { MetricName } from '../../../../core/metrics/types.ts';
import { toCsv } from '../../../format/csv.ts';
import { exportBlob, exportText } from '../../../flows/export-trial.ts';
import { comparableTrials, frontierPoints, type FrontierPoint } from '../../../frontier/points.ts';
import { qualitiesFor, type Quality } from '../../../frontier/quality.ts';
import { useForecast } from '../../../state/forecast-store.ts';
import { useModel } from '../../../state/model-store.ts';
import { announce } from '../../../state/notice-store.ts';
import { loadRecipe } from '../../../state/recipe-store.ts';
import { knownTrial, useModelTrials, useShownTrial } from '../../../state/trials.ts';
import { useView } from '../../../state/view-store.ts';
import { en } from '../../../strings/en.ts';
import { IconButton } from '../../../ui/button.tsx';
import { Segmented } from '../../../ui/segmented.tsx';
import { pngOfSvg } from '../../../charts/png.ts';
import { FrontierChart } from './frontier-chart.tsx';
import { FrontierTable } from './frontier-table.tsx';
import styles from './frontier-tab.module.css';

const NO_QUALITIES: readonly Quality[] = [];

/** Quality against size: every measured trial, the frontier, and where the recipe on the bench will land. */
export function FrontierTab() {
  const [asTable, setAsTable] = useState(false);
  const area = useRef<HTMLDivElement>(null);
  const { points, quality, qualities } = useFrontier();
  const forecast = useForecast((state) => state.forecast);
  const before = useModel((state) => state.view?.bytes ?? 0);
  const shown = useShownTrial();
  if (quality === undefined) return null;
  return (
    <div className={styles.tab}>
      <div className={styles.toolbar}>
        <Segmented
          label={en.frontier.quality}
          value={quality.name}
          options={qualities.map(({ name }) => ({ value: name, label: en.metrics[name] }))}
          onChange={(name: MetricName) => useView.setState({ quality: name })}
        />
        <span className={styles.direction}>{en.frontier[quality.better]}</span>
        <Segmented
          label={en.frontier.show}
          value={asTable ? 'table' : 'chart'}
          options={[
            { value: 'chart', label: en.frontier.chart },
            { value: 'table', label: en.frontier.table },
          ]}
          onChange={(value) => setAsTable(value === 'table')}
        />
        <Exports points={points} quality={quality} area={area} chart={!asTable} />
      </div>
      <div ref={area} className={styles.area}>
        {asTable ? (
          <FrontierTable points={points} quality={quality} onRecall={recall} />
        ) : (
          <FrontierChart
            points={points}
            quality={quality}
            originalBytes={before}
            forecastBytes={forecast?.bytes}
            selected={shown?.id}
            onRecall={recall}
          />
        )}
      </div>
    </div>
  );
}

function useFrontier() {
  const all = useModelTrials();
  const task = useModel((state) => state.view?.task);
  const chosen = useView((state) => state.quality);
  return useMemo(() => {
    const trials = comparableTrials(all);
    const measured = trials.flatMap(({ report }) => report?.evaluation?.compressed ?? []);
    const qualities = task === undefined ? NO_QUALITIES : qualitiesFor(task, measured);
    const quality = qualities.find(({ name }) => name === chosen) ?? qualities.at(0);
    const points =
      quality === undefined ? [] : frontierPoints(trials, quality, en.frontier.original);
    return { qualities, quality, points };
  }, [all, task, chosen]);
}

/** A click on a point brings its recipe back and shows its result. */
function recall(id: string): void {
  const trial = knownTrial(id);
  if (trial === undefined) return;
  loadRecipe(trial.recipe);
  useView.setState({ trial: id });
  announce(en.frontier.restored(trial.name));
}

interface ExportsProps {
  readonly points: readonly FrontierPoint[];
  readonly quality: Quality;
  readonly area: React.RefObject<HTMLDivElement | null>;
  readonly chart: boolean;
}

function Exports({ points, quality, area, chart }: ExportsProps) {
  const csv = (): void => {
    const header = ['trial', 'bytes', quality.name, 'standardError', 'n', 'onFrontier'];
    const rows = points.map((point) => [
      point.kind === 'original' ? ORIGINAL : point.label,
      point.bytes,
      point.value,
      point.standardError,
      point.n,
      String(point.onFrontier),
    ]);
    void exportText(toCsv(header, rows), 'frontier.csv', 'text/csv');
  };
  const png = async (): Promise<void> => {
    const svg = area.current?.querySelector('svg.recharts-surface');
    if (svg instanceof SVGSVGElement) await exportBlob(await pngOfSvg(svg), 'frontier.png');
  };
  return (
    <span className={styles.exports}>
      <IconButton
        icon={Download}
        label={`${en.frontier.csv}: ${en.evidence.frontier}`}
        disabled={points.length === 0}
        onClick={csv}
      />
      <IconButton
        icon={Image}
        label={`${en.frontier.png}: ${en.evidence.frontier}`}
        disabled={!chart}
        onClick={() => void png()}
      />
    </span>
  );
}
