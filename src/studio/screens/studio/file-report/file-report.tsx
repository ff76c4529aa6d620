import { MoveRight } from 'lucide-react';
import type { MetricName } from '../../../../core/metrics/types.ts';
import type { BuildReport, LayerReport, Report } from '../../../../core/report/types.ts';
import { chooseFile } from '../../../flows/choose-files.ts';
import { openReference } from '../../../flows/open-model.ts';
import {
  formatBytes,
  formatCount,
  formatError,
  formatMetric,
  formatRatio,
  significant,
} from '../../../format/format.ts';
import { methodCard } from '../../../recipe/method-card.ts';
import { useModel } from '../../../state/model-store.ts';
import { useReturned, type Returned } from '../../../state/returned.ts';
import { en } from '../../../strings/en.ts';
import { fileReport as t } from '../../../strings/en-file-report.ts';
import { Button } from '../../../ui/button.tsx';
import styles from './file-report.module.css';

/** What the open file says about itself, where Lathe made it and its original is not here. */
export function FileReport() {
  const report = useModel((state) => state.view?.report);
  const file = useReturnedFile();
  if (report === undefined) return null;
  const { before, after, coverage, layers } = report;
  return (
    <section className={styles.card} aria-label={t.title}>
      <h3>{t.title}</h3>
      <p className={styles.sizes}>
        {formatBytes(before.bytes)} <MoveRight size={16} aria-label={t.to} />
        <strong>{formatBytes(after.bytes)}</strong>
        <span>{formatRatio(before.bytes, after.bytes)}</span>
      </p>
      <p className={styles.facts}>
        {t.bits(significant(before.bitsPerWeight), significant(after.bitsPerWeight))}{' '}
        {t.coverage(share(coverage.compressedBytes, coverage.totalBytes), report.tool)}
      </p>
      <Measured report={file?.made.measured} />
      <Original report={report} file={file} />
      <Layers layers={layers} />
    </section>
  );
}

/** What is known of the open file, if it is the one that came back. */
function useReturnedFile(): Returned | undefined {
  const sha256 = useModel((state) => state.view?.sha256);
  const file = useReturned((state) => state.file);
  return file?.made.sha256 === sha256 ? file : undefined;
}

function share(part: number, whole: number): string {
  return whole > 0 ? ((100 * part) / whole).toFixed(1) : '0';
}

const SHOWN: readonly MetricName[] = ['perplexity', 'accuracy', 'kl'];

/** From the report in the folder the file came in. */
function Measured({ report }: { report: Report | undefined }) {
  const evaluation = report?.evaluation;
  if (evaluation === undefined) return <p className={styles.facts}>{t.unmeasured}</p>;
  return (
    <dl className={styles.metrics}>
      {SHOWN.flatMap((name) => {
        const after = evaluation.compressed[name];
        if (after === undefined) return [];
        const before = evaluation.original[name];
        const { value, error } = formatMetric(name, after);
        return [
          <div key={name}>
            <dt>{en.metrics[name]}</dt>
            <dd>
              {before && `${formatMetric(name, before).value} → `}
              {value} <small>{error}</small>
            </dd>
          </div>,
        ];
      })}
    </dl>
  );
}

/** Asks for the model it was made from, by all that is known of it. */
function Original({
  report: { before, inputSha256 },
  file,
}: {
  readonly report: BuildReport;
  readonly file: Returned | undefined;
}) {
  const origin = file?.origin === 'file' ? undefined : file?.origin;
  return (
    <div className={styles.ask}>
      <p>
        {t.original({
          name: file?.name,
          bytes: formatBytes(before.bytes),
          weights: formatCount(before.parameters),
          hash: inputSha256.slice(0, 8),
        })}
      </p>
      {origin === undefined ? (
        <Button onClick={() => void chooseFile()}>{t.bring}</Button>
      ) : (
        <Button onClick={() => void openReference(origin)}>{t.open(origin)}</Button>
      )}
    </div>
  );
}

function Layers({ layers }: { layers: readonly LayerReport[] }) {
  return (
    <details className={styles.layers}>
      <summary>{t.layers(layers.length)}</summary>
      <table>
        <thead>
          <tr>
            <th scope="col">{t.layer}</th>
            <th scope="col">{t.method}</th>
            <th scope="col">{t.bytes}</th>
            <th scope="col">{t.error}</th>
          </tr>
        </thead>
        <tbody>
          {layers.map((layer) => (
            <tr key={layer.name}>
              <th scope="row">{layer.name}</th>
              <td>{methodCard(layer.method)?.title ?? layer.method}</td>
              <td>
                {formatBytes(layer.bytesBefore)} → {formatBytes(layer.bytesAfter)}
              </td>
              <td title={t.errorKind[layer.errorKind]}>{errorText(layer.relativeError)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

function errorText(error: number): string {
  return Number.isFinite(error) ? formatError(error) : '–';
}
