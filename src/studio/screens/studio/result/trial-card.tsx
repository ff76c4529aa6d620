import { memo } from 'react';
import { BadgeCheck, Beaker, FileInput, ShieldAlert } from 'lucide-react';
import { stemOf } from '../../../../core/companions/parts.ts';
import { verdictOf, type Verdict } from '../../../../core/report/verdict.ts';
import type { Report } from '../../../../core/report/types.ts';
import type { Trial } from '../../../../../workers/protocol.ts';
import { formatBytes, formatRatio } from '../../../format/format.ts';
import { loadRecipe } from '../../../state/recipe-store.ts';
import { notify } from '../../../state/notice-store.ts';
import { bits } from '../../../strings/en-bits.ts';
import { resultText } from '../../../strings/en-result.ts';
import { en } from '../../../strings/en.ts';
import { Button } from '../../../ui/button.tsx';
import { TrainingRecords } from '../training/training-record.tsx';
import { AllMeasures } from './all-measures.tsx';
import { BesideBaseline } from './beside-baseline.tsx';
import { TrialActions } from './card-actions.tsx';
import { Decisions } from './decisions/decisions.tsx';
import { FileFacts } from './file-facts.tsx';
import { Headline } from './headline.tsx';
import { LeftAlone } from './left-alone.tsx';
import { PartsTable } from './parts-table.tsx';
import { Sizes } from './sizes.tsx';
import { Summary } from './summary.tsx';
import { measuredRows, speedRow } from './summary-rows.ts';
import { TrialName } from './trial-name.tsx';
import { Warnings } from './warnings.tsx';
import styles from './result-column.module.css';

interface TrialCardProps {
  readonly trial: Trial;
  readonly report: Report;
  /** The recipe on the bench is not the one this came of. */
  readonly another: boolean;
}

/** One trial as measured on its real bytes: what it costs first, the numbers behind it below. */
export const TrialCard = memo(function TrialCard({ trial, report, another }: TrialCardProps) {
  const verdict = verdictOf(report);
  const where = placeOf(trial);
  return (
    <section className={styles.trial} aria-label={en.result.measured}>
      <Headline verdict={verdict} where={where} />
      {another && <Another trial={trial} />}
      <h3>
        <TrialName key={trial.id} trial={trial} /> <Badge trial={trial} report={report} />
      </h3>
      {trial.parts && <ShownPart trial={trial} />}
      <Sizes before={report.before.bytes} after={report.after.bytes} />
      {report.zippedBytes !== undefined && (
        <p className={styles.wait} title={resultText.zippedHelp}>
          {resultText.zipped(
            formatBytes(report.zippedBytes),
            formatRatio(report.before.bytes, report.zippedBytes),
          )}
        </p>
      )}
      {trial.parts && <PartsTable lines={trial.parts} />}
      <TrialActions trial={trial} />
      <Quality report={report} verdict={verdict} />
      {verdict.againstBaseline && <BesideBaseline layers={verdict.againstBaseline} />}
      {report.decisions && (
        <Fold title={bits.decided} open>
          <Decisions decisions={report.decisions} />
        </Fold>
      )}
      {report.training && <TrainingRecords records={report.training} />}
      {report.evaluation && (
        <Fold title={resultText.measures}>
          <AllMeasures evaluation={report.evaluation} />
        </Fold>
      )}
      <Fold title={resultText.file}>
        <FileFacts report={report} />
      </Fold>
      <Warnings sentences={report.warnings ?? []} />
      <LeftAlone skipped={report.coverage.skipped} />
    </section>
  );
});

/** The three rows, how they were taken, and what has to be said of them. */
function Quality({ report, verdict }: { report: Report; verdict: Verdict }) {
  const { evaluation, notMeasured, scores } = report;
  const { speed, stopped } = verdict;
  return (
    <>
      <Summary
        rows={[
          ...(evaluation ? measuredRows(evaluation) : []),
          ...(speed ? [speedRow(speed)] : []),
        ]}
      />
      {evaluation && notMeasured !== undefined && (
        <p className={styles.notBetter}>{en.result.notMeasured(notMeasured)}</p>
      )}
      {evaluation && scores === 'fidelity' && (
        <p className={styles.note}>{en.result.fidelityNote}</p>
      )}
      {stopped && <p className={styles.note}>{resultText.stopped(stopped.done, stopped.of)}</p>}
      {evaluation && (
        <p className={styles.protocol}>
          {evaluation.data}: {evaluation.protocol}
        </p>
      )}
    </>
  );
}

/** Two recipes must not be taken for one: says so, and offers the one that led here. */
function Another({ trial }: { trial: Trial }) {
  return (
    <p className={styles.aside}>
      {resultText.another}
      <Button
        onClick={() => {
          loadRecipe(trial.recipe);
          notify(resultText.loaded(trial.name));
        }}
      >
        {resultText.load}
      </Button>
    </p>
  );
}

/** Of a run over several parts the numbers of one are shown. */
function ShownPart({ trial: { id, parts = [] } }: { trial: Trial }) {
  const line = parts.find(({ trial }) => trial === id);
  if (line === undefined) return null;
  return <p className={styles.wait}>{en.parts.numbersOf(stemOf(line.path))}</p>;
}

/** Where its time was taken, where that was not here. */
function placeOf({ shipped, elsewhere }: Trial): string | undefined {
  if (shipped) return resultText.shippedWhere;
  return elsewhere && resultText.elsewhereWhere;
}

function Badge({ trial, report }: { trial: Trial; report: Report }) {
  if (trial.shipped) {
    return (
      <span className={styles.shipped} title={resultText.shippedHelp}>
        <Beaker size={14} aria-hidden /> {resultText.shippedBadge}
      </span>
    );
  }
  if (trial.elsewhere) {
    return (
      <span className={styles.shipped} title={resultText.elsewhereHelp}>
        <FileInput size={14} aria-hidden /> {resultText.elsewhereBadge}
      </span>
    );
  }
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

interface FoldProps {
  readonly title: string;
  readonly open?: boolean;
  readonly children: React.ReactNode;
}

function Fold({ title, open, children }: FoldProps) {
  return (
    <details className={styles.fold} open={open}>
      <summary>{title}</summary>
      {children}
    </details>
  );
}
