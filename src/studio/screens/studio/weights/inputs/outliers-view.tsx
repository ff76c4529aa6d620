import { useMemo, useState } from 'react';
import type { InputProfile } from '../../../../../../workers/protocol.ts';
import { significant } from '../../../../format/format.ts';
import { enInputs as t } from '../../../../strings/en-inputs.ts';
import { Segmented } from '../../../../ui/segmented.tsx';
import { numberText } from '../number-text.ts';
import { OUTLIER, profiles, type Outliers } from './outliers.ts';
import { OutliersPlot } from './outliers-plot.tsx';
import tab from '../weights-tab.module.css';

type Order = 'channel' | 'size';

/** Which input channels stand out, and what folding scales into the model before the layer leaves of that. */
export function OutliersView({ profile }: { readonly profile: InputProfile }) {
  const [order, setOrder] = useState<Order>('channel');
  const { before, after, from } = useMemo(() => profiles(profile), [profile]);
  const name = from === 'file' ? t.inFile : t.folded;
  const words = wordsOf(before, after, name);
  return (
    <figure className={tab.figure}>
      <figcaption>
        <span>{t.outliers}</span>
        <Segmented label={t.order} value={order} options={ORDERS} onChange={setOrder} />
        <span className={tab.key}>
          <i className={tab.outlineKey} /> {t.before}
          {after && (
            <>
              <i className={tab.fillKey} /> {name}
            </>
          )}
        </span>
      </figcaption>
      <OutliersPlot
        {...{ before, after }}
        bySize={order === 'size'}
        label={t.outlierPicture(words)}
      />
      <p className={tab.words}>
        {words} {!after && t.noFold}
      </p>
    </figure>
  );
}

const ORDERS = [
  { value: 'channel', label: t.byChannel },
  { value: 'size', label: t.bySize },
] as const;

function wordsOf(before: Outliers, after: Outliers | undefined, name: string): string {
  const said = (of: Outliers) => ({
    spread: t.spread(numberText(of.largest), significant(of.largest / (of.median || 1))),
    count: t.count(of.beyond.length, OUTLIER),
  });
  const own = said(before);
  const first = `${t.before}: ${own.spread}; ${own.count}.`;
  if (after === undefined) return first;
  const then = said(after);
  return `${first} ${t.afterWords(name, then.spread, then.count)}`;
}
