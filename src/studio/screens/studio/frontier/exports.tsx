import { Download } from 'lucide-react';
import { exportBlob, exportText } from '../../../flows/export-trial.ts';
import type { FrontierData } from '../../../frontier/data.ts';
import { frontierCsv } from '../../../frontier/frontier-csv.ts';
import type { AxisMark } from '../../../frontier/marks.ts';
import { useModel } from '../../../state/model-store.ts';
import { en } from '../../../strings/en.ts';
import { frontierWords as words } from '../../../strings/en-frontier.ts';
import { Button } from '../../../ui/button.tsx';
import { pngOfSvg, svgOfFigure } from '../../../charts/figure.ts';
import { FrontierFigure } from './frontier-figure.tsx';
import styles from './frontier-tab.module.css';

interface ExportsProps {
  readonly data: FrontierData;
  readonly marks: readonly AxisMark[];
  readonly originalBytes: number;
  readonly selected: string | undefined;
}

/** The points as numbers, and the chart as a figure. */
export function Exports(props: ExportsProps) {
  const { data } = props;
  const model = useModel((state) => state.view?.name ?? '');
  const disabled = data.points.length === 0;
  const draw = (): Promise<string> => {
    const date = new Date().toISOString().slice(0, 10);
    // What is being measured yet is nothing to print.
    const points = data.points.filter(({ kind }) => kind !== 'interim');
    const finished = { ...data, points };
    return svgOfFigure(<FrontierFigure {...props} data={finished} model={model} date={date} />);
  };
  const svg = async (): Promise<void> =>
    exportBlob(new Blob([await draw()], { type: 'image/svg+xml' }), `${model}-frontier.svg`);
  const png = async (): Promise<void> =>
    exportBlob(await pngOfSvg(await draw()), `${model}-frontier.png`);
  const csv = (): void => void exportText(frontierCsv(data), `${model}-frontier.csv`, 'text/csv');
  return (
    <span className={styles.exports}>
      <Export kind={en.frontier.csv} disabled={disabled} onClick={csv} />
      <Export kind={en.frontier.png} disabled={disabled} onClick={() => void png()} />
      <Export kind={words.svg} disabled={disabled} onClick={() => void svg()} />
    </span>
  );
}

interface ExportProps {
  readonly kind: string;
  readonly disabled: boolean;
  readonly onClick: () => void;
}

/** Three files that no picture tells apart: the word does. */
function Export({ kind, ...rest }: ExportProps) {
  const label = `${kind}: ${en.evidence.frontier}`;
  return (
    <Button tone="quiet" icon={Download} aria-label={label} title={label} {...rest}>
      {kind}
    </Button>
  );
}
