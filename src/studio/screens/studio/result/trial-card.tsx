import { Fragment, memo } from 'react';
import { BadgeCheck, Copy, ShieldAlert } from 'lucide-react';
import { stemOf } from '../../../../core/companions/parts.ts';
import { layerVerdicts } from '../../../../core/metrics/verdict.ts';
import { slowerThanOriginal } from '../../../../core/report/latency.ts';
import type { Latency, LatencyAt, Report } from '../../../../core/report/types.ts';
import type { Trial } from '../../../../../workers/protocol.ts';
import { ActionButton } from '../../../actions/action-button.tsx';
import { formatBytes, formatLatency, significant } from '../../../format/format.ts';
import { copy } from '../../../flows/share-link.ts';
import { methodCard } from '../../../recipe/method-card.ts';
import { en } from '../../../strings/en.ts';
import { IconButton } from '../../../ui/button.tsx';
import { TrainingRecords } from '../training/training-record.tsx';
import { Fact } from './fact.tsx';
import { Skipped } from './forecast-card.tsx';
import { MetricsTable } from './metrics-table.tsx';
import { PartsTable } from './parts-table.tsx';
import { Sizes } from './sizes.tsx';
import { Warnings } from './warnings.tsx';
import styles from './result-column.module.css';

interface TrialCardProps {
  readonly trial: Trial;
  readonly report: Report;
}

/** One trial as measured on its real bytes. */
export const TrialCard = memo(function TrialCard({ trial, report }: TrialCardProps) {
  const { evaluation, coverage, notMeasured } = report;
  return (
    <section className={styles.trial} aria-label={en.result.measured}>
      <h3>
        {trial.name} <Verified report={report} />
      </h3>
      {trial.parts && <ShownPart trial={trial} />}
      <Sizes before={report.before.bytes} after={report.after.bytes} />
      {trial.parts && <PartsTable lines={trial.parts} />}
      {notMeasured !== undefined && (
        <p className={styles.notBetter}>{en.result.notMeasured(notMeasured)}</p>
      )}
      {evaluation && report.scores === 'fidelity' && (
        <p className={styles.note}>{en.result.fidelityNote}</p>
      )}
      {evaluation && <MetricsTable evaluation={evaluation} />}
      <Verdicts report={report} />
      {slowerThanOriginal(report.latency).map((slower) => (
        <p key={slower} className={styles.notBetter}>
          {en.result.slower(slower)}
        </p>
      ))}
      {report.training && <TrainingRecords records={report.training} />}
      <dl className={styles.facts}>
        <Fact name={en.result.bitsPerWeight}>
          {significant(report.before.bitsPerWeight)} → {significant(report.after.bitsPerWeight)}
        </Fact>
        <Fact name={en.result.coverage}>
          {en.result.coverageOf(share(coverage.compressedBytes, coverage.totalBytes))}
        </Fact>
        <DeviceFact report={report} />
        <LatencyFacts report={report} />
        <ParityFact report={report} />
        <Fact name={en.result.forecast}>
          {report.forecastBytes === report.after.bytes
            ? en.result.forecastMet
            : en.result.forecastOff(formatBytes(report.forecastBytes))}
        </Fact>
        <Fact name={en.result.sha}>
          <code title={report.outputSha256}>{report.outputSha256.slice(0, 12)}</code>
          <IconButton
            icon={Copy}
            label={en.result.copySha}
            small
            onClick={() => void copy(report.outputSha256, en.result.shaCopied)}
          />
        </Fact>
      </dl>
      <Warnings sentences={report.warnings ?? []} />
      <Skipped skipped={coverage.skipped} />
      <div className={styles.actions}>
        <ActionButton id="export" tone="primary">
          {en.result.export}
        </ActionButton>
        <ActionButton id="zip">{en.result.zip}</ActionButton>
        <ActionButton id="share">{en.result.share}</ActionButton>
        <ActionButton id="command">{en.result.command}</ActionButton>
      </div>
    </section>
  );
});

/** Of a run over several parts the numbers of one are shown. */
function ShownPart({ trial: { id, parts = [] } }: { trial: Trial }) {
  const line = parts.find(({ trial }) => trial === id);
  if (line === undefined) return null;
  return <p className={styles.wait}>{en.parts.numbersOf(stemOf(line.path))}</p>;
}

function share(part: number, whole: number): string {
  return `${whole > 0 ? ((100 * part) / whole).toFixed(1) : '0'} %`;
}

function Verified({ report }: { report: Report }) {
  return report.verified ? (
    <span className={styles.verified} title={en.result.verifiedHelp}>
      <BadgeCheck size={14} aria-hidden /> {en.result.verified}
    </span>
  ) : (
    <span className={styles.unverified}>
      <ShieldAlert size={14} aria-hidden /> {en.result.unverified}
    </span>
  );
}

function Verdicts({ report }: { report: Report }) {
  return layerVerdicts(report.layers).map((verdict) => {
    const card = methodCard(verdict.method);
    const baseline = card?.baseline === undefined ? undefined : methodCard(card.baseline);
    const name = (baseline?.title ?? card?.baseline ?? en.result.baseline).toLowerCase();
    const better = verdict.word === 'better';
    const sentence = better ? en.result.better : en.result.notBetter;
    return (
      <p key={verdict.method} className={better ? styles.better : styles.notBetter}>
        {card?.title ?? verdict.method}: {sentence(name, verdict.won, verdict.total)}
      </p>
    );
  });
}

function DeviceFact({ report: { device } }: { report: Report }) {
  if (device === undefined) return null;
  const { bytes, adapter, reason } = device;
  const names = bytes.map((name) => en.result.computedBy[name]).join(en.result.then);
  return (
    <Fact name={en.result.computed} help={reason}>
      {names === '' ? en.result.computedAnywhere : names}
      {adapter !== undefined && bytes.includes('webgpu') && <small> {adapter}</small>}
    </Fact>
  );
}

function LatencyFacts({ report }: { report: Report }) {
  return Object.entries(report.latency).map(([device, { original, compressed, short, long }]) => (
    <Fragment key={device}>
      <Fact
        name={`${en.result.latency}, ${device}`}
        help={`${en.result.latencyLine(formatLatency(compressed.median), formatLatency(compressed.p90))}, ${en.frontier.n} = ${compressed.n}; ${en.result.latencyWas(formatLatency(original.median))}`}
      >
        {formatLatency(compressed.median)} <Was latency={original} />
        <small>
          {en.result.p90} {formatLatency(compressed.p90)}
        </small>
      </Fact>
      {[short, long].map((at) => at && <AtLength key={at.tokens} at={at} />)}
    </Fragment>
  ));
}

/** The original's beside it. */
function Was({ latency }: { latency: Latency }) {
  return (
    <small>
      {en.result.was} {formatLatency(latency.median)}
    </small>
  );
}

function AtLength({ at: { tokens, original, compressed } }: { at: LatencyAt }) {
  return (
    <Fact name={en.result.atTokens(tokens)}>
      {formatLatency(compressed.median)} <Was latency={original} />
    </Fact>
  );
}

function ParityFact({ report: { parity } }: { report: Report }) {
  if (parity === undefined) return null;
  return (
    <Fact name={en.result.parity} help={parity.reason}>
      {parityText(parity)}
    </Fact>
  );
}

function parityText({ maxAbsDiff, firstDivergingNode }: NonNullable<Report['parity']>): string {
  if (maxAbsDiff === null) return en.result.parityNone;
  return firstDivergingNode === undefined
    ? en.result.parityOk(maxAbsDiff.toExponential(1))
    : en.result.parityBad(firstDivergingNode);
}
