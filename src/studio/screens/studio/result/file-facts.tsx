import { Fragment } from 'react';
import { Copy } from 'lucide-react';
import { changedShare } from '../../../../core/report/coverage.ts';
import { kernelsLine } from '../../../../core/report/kernels-line.ts';
import { deviceName } from '../../../../core/report/latency.ts';
import type { Latency, LatencyAt, Report } from '../../../../core/report/types.ts';
import { formatBytes, formatLatency, significant } from '../../../format/format.ts';
import { copy } from '../../../flows/share-link.ts';
import { resultText } from '../../../strings/en-result.ts';
import { en } from '../../../strings/en.ts';
import { IconButton } from '../../../ui/button.tsx';
import { CacheFact } from './cache-fact.tsx';
import { Fact } from './fact.tsx';
import styles from './result-column.module.css';

/** What is known of the file beside its quality: bits, latencies, devices, checks, and which bytes it is. */
export function FileFacts({ report }: { report: Report }) {
  const { before, after, coverage, forecastBytes, outputSha256 } = report;
  return (
    <dl className={styles.facts}>
      <Fact name={en.result.bitsPerWeight}>
        {significant(before.bitsPerWeight)} → {significant(after.bitsPerWeight)}
      </Fact>
      {/* What changes the cache alone changed something, and no weight. */}
      {(report.cache === undefined || changedShare(coverage) > 0) && (
        <Fact name={resultText.touched}>
          {resultText.touchedOf(`${(100 * changedShare(coverage)).toFixed(1)} %`)}
        </Fact>
      )}
      <CacheFact cache={report.cache} />
      <DeviceFact report={report} />
      <LatencyFacts report={report} />
      <KernelFacts report={report} />
      <ParityFact report={report} />
      <Fact name={en.result.forecast}>
        {forecastBytes === after.bytes
          ? en.result.forecastMet
          : en.result.forecastOff(formatBytes(forecastBytes))}
      </Fact>
      <Fact name={en.result.sha}>
        <code title={outputSha256}>{outputSha256.slice(0, 12)}</code>
        <IconButton
          icon={Copy}
          label={en.result.copySha}
          small
          onClick={() => void copy(outputSha256, en.result.shaCopied)}
        />
      </Fact>
    </dl>
  );
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
        name={`${en.result.latency}, ${deviceName(device)}`}
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

/** Whether products were of whole numbers: it says nothing of speed, which is measured. */
function KernelFacts({ report: { kernels = {} } }: { report: Report }) {
  return Object.entries(kernels).map(([device, ran]) => {
    const line = kernelsLine(ran);
    return line === undefined ? null : (
      <Fact
        key={device}
        name={resultText.kernels(deviceName(device))}
        help={resultText.kernelsHelp}
      >
        <small>{line}</small>
      </Fact>
    );
  });
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
