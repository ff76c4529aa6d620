import { SkipLinks } from '../../shell/skip-links.tsx';
import { useView, type Pane } from '../../state/view-store.ts';
import { skip } from '../../strings/en-skip.ts';
import { resultText } from '../../strings/en-result.ts';
import { en } from '../../strings/en.ts';
import { join } from '../../ui/button.tsx';
import { Evidence } from './evidence.tsx';
import { RecipeColumn } from './recipe/recipe-column.tsx';
import { RUN_ID, RunBar } from './recipe/run-bar.tsx';
import { ResultColumn } from './result/result-column.tsx';
import { useResultPane } from './use-result-pane.ts';
import styles from './studio-screen.module.css';

const PANES: readonly { pane: Pane; label: string }[] = [
  { pane: 'recipe', label: en.recipe.title },
  { pane: 'evidence', label: en.evidence.title },
  { pane: 'result', label: en.result.title },
];

const LINKS = [
  { label: skip.run, place: `#${RUN_ID}` },
  { label: skip.result, place: '#result' },
];

/** Recipe, evidence, result; on a narrow screen one of them at a time. */
export function StudioScreen() {
  const { seen, beside, fresh } = useResultPane();
  const shown = (name: Pane): string =>
    join(styles.column, styles[name], name === seen && styles.shown);
  return (
    <main className={styles.studio}>
      <SkipLinks label={skip.studio} links={LINKS} />
      <h1 className="visually-hidden">{en.app.studio}</h1>
      <section className={shown('recipe')} aria-label={en.recipe.title}>
        <RecipeColumn />
      </section>
      <div className={styles.run}>
        <RunBar />
      </div>
      <section className={shown('evidence')} aria-label={en.evidence.title}>
        <Evidence />
      </section>
      <section id="result" className={shown('result')} aria-label={en.result.title}>
        <ResultColumn />
      </section>
      <nav className={styles.panes} aria-label={en.app.studio}>
        {PANES.filter(({ pane }) => !beside || pane !== 'recipe').map(({ pane: name, label }) => (
          <button
            key={name}
            type="button"
            aria-pressed={name === seen}
            onClick={() => useView.setState({ pane: name })}
          >
            {label}{' '}
            {fresh && name === 'result' && <span className={styles.fresh}>{resultText.fresh}</span>}
          </button>
        ))}
      </nav>
    </main>
  );
}
