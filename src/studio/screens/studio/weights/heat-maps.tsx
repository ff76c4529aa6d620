import { useId, useMemo, useState } from 'react';
import type { Entry, Preview } from '../../../../../workers/protocol.ts';
import { DIVERGING, DIVERGING_ERROR } from '../../../charts/diverging.ts';
import { enWeights as t } from '../../../strings/en-weights.ts';
import { Segmented } from '../../../ui/segmented.tsx';
import { ColorScale } from './color-scale.tsx';
import { isWhole } from './crop.ts';
import { errorExtent, errorsOf, valueExtent, type ErrorScale } from './extents.ts';
import { HeatMap } from './heat-map.tsx';
import { Overview } from './overview.tsx';
import { Readout } from './readout.tsx';
import styles from './weights-tab.module.css';

interface HeatMapsProps {
  readonly preview: Preview;
  readonly entry: Entry;
}

/** Before, after and the error between them: the same weights, one cursor over all three. */
export function HeatMaps({ preview, entry }: HeatMapsProps) {
  const { before, after } = preview;
  const [hovered, setHovered] = useState<Entry>();
  const [scale, setScale] = useState<ErrorScale>('fixed');
  const readout = useId();
  const values = useMemo(() => valueExtent(preview), [preview]);
  const errors = useMemo(() => after && errorsOf(before.crop, after.crop), [before, after]);
  const common = { preview, entry, hovered, onHover: setHovered, readout };
  const errorEnd = errors && errorExtent(scale, values, errors);
  return (
    <figure className={styles.figure}>
      <figcaption>
        <span>{t.heat}</span>
        <span className={styles.key}>{cropWords(preview)}</span>
      </figcaption>
      <div className={styles.heats}>
        <HeatMap
          {...common}
          label={t.before}
          values={before.crop}
          extent={values}
          table={DIVERGING}
        />
        {after && (
          <HeatMap
            {...common}
            label={t.after}
            values={after.crop}
            extent={values}
            table={DIVERGING}
          />
        )}
        {errors && errorEnd !== undefined && (
          <HeatMap
            {...common}
            label={t.error}
            values={errors}
            extent={errorEnd}
            table={DIVERGING_ERROR}
          />
        )}
        <Overview preview={preview} />
      </div>
      <div className={styles.scales}>
        <ColorScale label={`${t.before}, ${t.after}`} extent={values} table={DIVERGING} />
        {errorEnd !== undefined && (
          <ColorScale label={t.error} extent={errorEnd} table={DIVERGING_ERROR}>
            <Segmented label={t.errorScale} value={scale} options={SCALES} onChange={setScale} />
          </ColorScale>
        )}
      </div>
      <Readout id={readout} {...{ preview, entry, hovered }} />
    </figure>
  );
}

const SCALES = [
  { value: 'fixed', label: t.fixed },
  { value: 'fitted', label: t.fitted },
] as const;

function cropWords({ crop, rows, columns }: Preview): string {
  if (isWhole(crop, { rows, columns })) return t.allOf;
  const words = ({ from, end }: { from: number; end: number }, length: number): string =>
    `${from}–${end - 1} / ${length}`;
  return t.part(words(crop.rows, rows), words(crop.columns, columns));
}
