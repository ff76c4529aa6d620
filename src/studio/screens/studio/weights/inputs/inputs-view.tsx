import { grouped } from '../../../../format/format.ts';
import { methodCard } from '../../../../recipe/method-card.ts';
import { useModel } from '../../../../state/model-store.ts';
import { enInputs as t } from '../../../../strings/en-inputs.ts';
import { Button } from '../../../../ui/button.tsx';
import { ErrorNote } from '../../../../ui/error-note.tsx';
import type { Shown } from '../use-preview.ts';
import { OutliersView } from './outliers-view.tsx';
import { RangeView } from './range-view.tsx';
import { lookAtInputs, stopInputs, useAskInputs, useInputs } from './use-inputs.ts';
import tab from '../weights-tab.module.css';

/** What the layer reads on calibration data, when somebody asks for it: ranges, and channels that stand out. */
export function InputsView({ shown }: { readonly shown: Shown }) {
  useAskInputs(shown);
  const { profile, error, subject } = useInputs();
  const { layer, step, targeted } = shown;
  const about = targeted && step ? methodCard(step.method)?.ranges : undefined;
  const own = profile?.layer === layer?.name ? profile : undefined;
  // Look-ups multiply nothing: there is nothing to look at.
  if (layer === undefined || layer.op === 'Gather') return null;
  return (
    <section className={tab.inputs} aria-label={t.title}>
      <h2>
        {t.title}
        {own && <small>{t.of(grouped(own.rows), grouped(own.columns))}</small>}
      </h2>
      {subject === undefined ? <Ask /> : <Going />}
      {error && <ErrorNote error={error} />}
      {own && <RangeView profile={own} {...(about && step && { about, step })} />}
      {own && <OutliersView profile={own} />}
    </section>
  );
}

function Ask() {
  const data = useModel((state) => state.view?.data.calibration);
  return (
    <div className={tab.ask}>
      <Button disabled={data === undefined} onClick={lookAtInputs}>
        {t.look}
      </Button>
      <span>{data === undefined ? t.noData : t.lookHelp}</span>
    </div>
  );
}

function Going() {
  const { fraction, profile } = useInputs();
  if (fraction === undefined && profile !== undefined) return null;
  if (fraction === undefined) return <div aria-busy />;
  return (
    <div className={tab.ask}>
      <span role="status">{t.looking(Math.floor(100 * fraction))}</span>
      <Button onClick={stopInputs}>{t.stop}</Button>
    </div>
  );
}
