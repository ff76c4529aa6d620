import { useId, useState } from 'react';
import type { ClipCurve, Entry, Preview } from '../../../../../../workers/protocol.ts';
import { formatError, grouped } from '../../../../format/format.ts';
import { enWeights as t } from '../../../../strings/en-weights.ts';
import { Segmented } from '../../../../ui/segmented.tsx';
import type { Shown } from '../use-preview.ts';
import { ClipPlot } from './clip-plot.tsx';
import { lowestOf, ratioText } from './clip-frame.ts';
import { useClipCurve } from './use-clip-curve.ts';
import tab from '../weights-tab.module.css';
import styles from './clip.module.css';

type Of = 'layer' | 'block';
type By = 'weights' | 'inputs';

interface ClipViewProps {
  readonly shown: Shown;
  readonly preview: Preview;
  readonly entry: Entry;
}

/** How the error depends on how much of the range the grid covers, and where ways of choosing that land. */
export function ClipView({ shown, preview, entry }: ClipViewProps) {
  const [of, setOf] = useState<Of>('layer');
  const [by, setBy] = useState<By>('weights');
  const { curve, importance } = useClipCurve(shown, preview, entry, by === 'inputs');
  const help = useId();
  if (curve === undefined) return null;
  const which: Of = curve.whole === undefined ? 'block' : of;
  return (
    <figure className={tab.figure}>
      <figcaption>
        <span>{t.clip}</span>
        {curve.whole && <Segmented label={t.clipOf} value={which} options={OF} onChange={setOf} />}
        {importance && <Segmented label={t.clipBy} value={by} options={BY} onChange={setBy} />}
      </figcaption>
      <Drawn curve={curve} of={which} describedBy={help} />
      <p id={help} className={tab.words}>
        {curve.weighted ? t.clipInputsHelp : t.clipHelp}
      </p>
    </figure>
  );
}

const OF = [
  { value: 'layer', label: t.ofLayer },
  { value: 'block', label: t.ofBlock },
] as const;

const BY = [
  { value: 'weights', label: t.clipWeights },
  { value: 'inputs', label: t.clipInputs },
] as const;

interface DrawnProps {
  readonly curve: ClipCurve;
  readonly of: Of;
  readonly describedBy: string;
}

function Drawn({ curve, of, describedBy }: DrawnProps) {
  const errors = (of === 'layer' ? curve.whole : undefined) ?? curve.block;
  const lowest = lowestOf(curve.ratios, errors.errors);
  const words = t.clipLowest(ratioText(lowest.ratio), formatError(lowest.error));
  const marks = [
    ...errors.marks.map(({ name, ...at }) => ({ name: t.clipNames[name] ?? name, ...at })),
    ...(errors.own ? [{ name: t.clipOwn, ...errors.own }] : []),
  ];
  return (
    <>
      <ClipPlot {...{ curve, errors, marks }} label={t.clipPicture(curve.bits, words)} />
      <dl className={styles.marks} aria-describedby={describedBy}>
        {marks.map(({ name, ratio, error }) => (
          <div key={name} data-own={name === t.clipOwn || undefined}>
            <dt>{name}</dt>
            <dd>
              ×{ratioText(ratio)} <strong>{formatError(error)}</strong>
            </dd>
          </div>
        ))}
        <div>
          <dt>{words}</dt>
          <dd>{t.clipCounted(grouped(errors.weights))}</dd>
        </div>
      </dl>
    </>
  );
}
