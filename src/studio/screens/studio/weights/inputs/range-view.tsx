import { useMemo, useState } from 'react';
import type { InputRanges } from '../../../../../core/methods/input-ranges.ts';
import type { CoveredRange } from '../../../../../core/statistics/histogram/round-histogram.ts';
import type { InputProfile } from '../../../../../../workers/protocol.ts';
import { formatError } from '../../../../format/format.ts';
import { announce } from '../../../../state/notice-store.ts';
import { updateStep, type EditableStep } from '../../../../state/recipe-store.ts';
import { enInputs as t } from '../../../../strings/en-inputs.ts';
import { Button } from '../../../../ui/button.tsx';
import { Term } from '../../result/term.tsx';
import { numberText } from '../number-text.ts';
import { asOption, rangeFacts, wholeRange } from './range-frame.ts';
import { RangePlot } from './range-plot.tsx';
import tab from '../weights-tab.module.css';

interface RangeViewProps {
  readonly profile: InputProfile;
  /** Where the step on screen covers ranges: how it says them. */
  readonly about?: InputRanges;
  readonly step?: EditableStep;
}

/** Levels where no step says how many. */
const USUAL = 256;

/** How often which numbers come, and the range that is covered of them. */
export function RangeView({ profile, about, step }: RangeViewProps) {
  const [moved, setMoved] = useState<{ readonly of: string; readonly range: CoveredRange }>();
  const whole = useMemo(() => wholeRange(profile), [profile]);
  const levels = about?.levels ?? USUAL;
  const facts = useMemo(() => rangeFacts(profile, levels), [profile, levels]);
  const given = step && about?.of(step.options)[profile.value];
  const range = moved?.of === profile.value ? moved.range : (given ?? profile.automatic ?? whole);
  const commit = (next: CoveredRange | undefined): void => {
    setMoved(undefined);
    if (step === undefined || about === undefined) return;
    setRange(step, about, profile.value, next && asOption(next));
    announce(next ? t.set(profile.value) : t.unset(profile.value));
  };
  const handles = about && {
    onMove: (next: CoveredRange) => setMoved({ of: profile.value, range: next }),
    onDone: () => moved && commit(moved.range),
  };
  return (
    <figure className={tab.figure}>
      <figcaption>
        <span>{about ? t.range : t.picture}</span>
        {about && given && <Button onClick={() => commit(undefined)}>{t.reset}</Button>}
      </figcaption>
      <RangePlot {...{ profile, whole }} {...(handles && { range, handles })} />
      {about && (
        <>
          <Facts {...{ facts, range, whole }} automatic={profile.automatic} />
          <p className={tab.words}>
            {given ? t.chosenHere : t.automaticHere} {t.handleHelp}
          </p>
        </>
      )}
      <p className={tab.words}>{t.beforeSteps}</p>
    </figure>
  );
}

/** One range more, another or one less among the options of the step: one change, taken back as one. */
function setRange(
  { key, options }: EditableStep,
  about: InputRanges,
  value: string,
  range: CoveredRange | undefined,
): void {
  const others = Object.entries(about.of(options)).filter(([name]) => name !== value);
  const own: readonly (readonly [string, CoveredRange])[] = range ? [[value, range]] : [];
  const ranges = Object.fromEntries<CoveredRange>([...others, ...own]);
  const next = Object.entries({ ...options, ...about.naming(ranges) });
  updateStep(key, { options: Object.fromEntries(next.filter(([, own]) => own !== undefined)) });
}

interface FactsProps {
  readonly facts: ReturnType<typeof rangeFacts>;
  readonly range: CoveredRange;
  readonly whole: CoveredRange;
  readonly automatic: CoveredRange | undefined;
}

function Facts({ facts, range, whole, automatic }: FactsProps) {
  const { error, step, cut } = facts(range);
  const lines = [
    ['α … β', `${numberText(range[0])} … ${numberText(range[1])}`],
    [t.error, formatError(error)],
    [t.step, numberText(step)],
    [t.cut, `${(100 * cut).toPrecision(2)} %`],
    ...(automatic ? [[t.automaticError, formatError(facts(automatic).error)]] : []),
    [t.wholeError, formatError(facts(whole).error)],
  ];
  return (
    <dl className={tab.facts}>
      {lines.map(([name, value]) => (
        <div key={name}>
          <dt>{name === t.error ? <Term definition={t.errorHelp}>{name}</Term> : name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
