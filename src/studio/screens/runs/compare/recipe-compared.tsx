import type { Trial } from '../../../../../workers/protocol.ts';
import { methodCard } from '../../../recipe/method-card.ts';
import { recipeChanges, type SideNames } from '../../../recipe/recipe-changes.ts';
import { compare as t } from '../../../strings/en-compare.ts';
import styles from './compare.module.css';

export interface PairProps {
  readonly a: Trial;
  readonly b: Trial;
  readonly sides: SideNames;
}

export function RecipeCompared({ a, b, sides }: PairProps) {
  const changes = recipeChanges(a.recipe, b.recipe, sides, methodCard);
  return (
    <section className={styles.block} aria-label={t.recipes}>
      <h3>{t.recipes}</h3>
      <p className={styles.note}>{t.from(...sides)}</p>
      {changes.length === 0 ? (
        <p>{t.same}</p>
      ) : (
        <ul className={styles.changes}>
          {changes.map((change) => (
            <li key={change}>{change}</li>
          ))}
        </ul>
      )}
    </section>
  );
}
