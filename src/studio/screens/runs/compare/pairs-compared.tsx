import { useState } from 'react';
import type { Trial } from '../../../../../workers/protocol.ts';
import { letterOf } from '../../../compare/letters.ts';
import { compare as t } from '../../../strings/en-compare.ts';
import { Segmented } from '../../../ui/segmented.tsx';
import { LayersCompared } from './layers-compared.tsx';
import { RecipeCompared } from './recipe-compared.tsx';
import { SideBySide } from './side-by-side.tsx';
import styles from './compare.module.css';

/** What only two at a time can be asked: how recipes and layers differ, and what both answer. */
export function PairsCompared({ trials }: { trials: readonly Trial[] }) {
  const [chosen, setChosen] = useState(1);
  const at = Math.min(chosen, trials.length - 1);
  const [a, b] = [trials[0], trials[at]];
  const sides = [letterOf(0), letterOf(at)] as const;
  return (
    <div className={styles.pairs}>
      {trials.length > 2 && (
        <Segmented
          label={t.pair}
          value={String(at)}
          options={trials.slice(1).map((_, other) => ({
            value: String(other + 1),
            label: t.arrow(letterOf(0), letterOf(other + 1)),
          }))}
          onChange={(value) => setChosen(Number(value))}
        />
      )}
      <SideBySide a={a} b={b} />
      <div className={styles.columns}>
        <RecipeCompared a={a} b={b} sides={sides} />
        <LayersCompared key={`${a.id} ${b.id}`} a={a} b={b} sides={sides} />
      </div>
    </div>
  );
}
