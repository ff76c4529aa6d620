import { FAMILIES } from '../../../core/methods/families.ts';
import { needsText } from '../../../core/methods/needs.ts';
import { methodCard, useCatalog, type MethodCard } from '../../recipe/method-card.ts';
import { methodGroups } from '../../recipe/method-search.ts';
import { en } from '../../strings/en.ts';
import styles from './learn-screen.module.css';

/** What every method says about itself. */
export function LearnScreen() {
  const cards = useCatalog((state) => state.cards);
  return (
    <main className={styles.screen}>
      <div className={styles.column}>
        <h1>{en.learn.title}</h1>
        <p className={styles.lead}>{en.learn.lead}</p>
        {methodGroups(cards, '').map(({ family, items }) => (
          <section key={family}>
            <h2>{FAMILIES[family]}</h2>
            {items.map((card) => (
              <Method key={card.id} card={card} />
            ))}
          </section>
        ))}
      </div>
    </main>
  );
}

function Method({ card }: { card: MethodCard }) {
  const { id, title, plain, summary, baseline, fields } = card;
  return (
    <article id={id} className={styles.method}>
      <h3>{title}</h3>
      <p>{plain}</p>
      <p className={styles.summary}>{summary}</p>
      <dl>
        <dt>{en.learn.needs}</dt>
        <dd>{needsText(card, en.learn.nothing)}</dd>
        {baseline !== undefined && (
          <>
            <dt>{en.learn.compared}</dt>
            <dd>{methodCard(baseline)?.title ?? baseline}</dd>
          </>
        )}
        <Source card={card} />
      </dl>
      {fields.length > 0 && (
        <details>
          <summary>{en.learn.options}</summary>
          <dl>
            {fields.map((field) => (
              <div key={field.name}>
                <dt>
                  <code>{field.name}</code>
                </dt>
                <dd>{field.help}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </article>
  );
}

function Source({ card: { paper } }: { card: MethodCard }) {
  if (paper === undefined) return null;
  const address =
    paper.url ?? (paper.arxiv === undefined ? undefined : `https://arxiv.org/abs/${paper.arxiv}`);
  const text = `${paper.authors} (${paper.year}). ${paper.title}.`;
  return (
    <>
      <dt>{en.learn.paper}</dt>
      <dd>
        {address === undefined ? (
          text
        ) : (
          <a href={address} target="_blank" rel="noreferrer">
            {text}
          </a>
        )}
      </dd>
    </>
  );
}
