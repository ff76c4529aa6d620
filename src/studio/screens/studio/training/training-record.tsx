import type { TrainingRecord } from '../../../../core/report/training.ts';
import { formatCount, grouped } from '../../../format/format.ts';
import { methodCard } from '../../../recipe/method-card.ts';
import { en } from '../../../strings/en.ts';
import { Fact } from '../result/fact.tsx';
import result from '../result/result-column.module.css';
import { LossCurve } from './loss-curve.tsx';
import styles from './training.module.css';

/** What each training step of a recipe did. */
export function TrainingRecords({ records }: { records: readonly TrainingRecord[] }) {
  return records.map((record) => <Record key={record.step} record={record} />);
}

function Record({ record }: { record: TrainingRecord }) {
  const { steps, bestStep, before, after, curve, validation } = record;
  const start = [0, before.value, before.standardError ?? 0] as const;
  return (
    <section className={styles.record} aria-label={en.training.record}>
      <h4>{methodCard(record.method)?.title ?? record.method}</h4>
      <dl className={result.facts}>
        <Fact name={en.training.heldOutShort} help={en.training.heldOutHelp}>
          <small>{estimate(before)} →</small> <b>{estimate(after)}</b>
        </Fact>
        <Trained record={record} />
        {record.generated && (
          <Fact name={en.training.written} help={en.training.writtenHelp}>
            {en.training.writtenOf(record.generated.texts, grouped(record.generated.tokens))}
          </Fact>
        )}
        <Fact name={en.training.keptStep} help={en.training.keptHelp}>
          {en.training.keptOf(bestStep, steps)}
        </Fact>
      </dl>
      {record.end !== 'finished' && <p className={result.note}>{en.training.ends[record.end]}</p>}
      {record.divergence !== undefined && <p className={result.note}>{record.divergence}.</p>}
      {bestStep === 0 && <p className={result.notBetter}>{en.training.notBetter}</p>}
      <LossCurve
        curve={curve}
        validation={[start, ...validation]}
        steps={steps}
        kept={bestStep}
        labelsOnly={methodCard(record.method)?.loss !== 'teacher'}
      />
    </section>
  );
}

function Trained({ record: { trainedParameters, parameters } }: { record: TrainingRecord }) {
  const share = `${((100 * trainedParameters) / parameters).toPrecision(3)} %`;
  return (
    <Fact
      name={en.training.trained}
      help={en.training.trainedHelp(grouped(trainedParameters), grouped(parameters))}
    >
      {en.training.trainedOf(formatCount(trainedParameters), share)}
    </Fact>
  );
}

function estimate({ value, standardError }: TrainingRecord['before']): string {
  return standardError === null
    ? value.toFixed(3)
    : `${value.toFixed(3)} ± ${standardError.toFixed(3)}`;
}
