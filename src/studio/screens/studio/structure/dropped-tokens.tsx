import { useQuery } from '@tanstack/react-query';
import { Search } from 'lucide-react';
import { useState } from 'react';
import { toStudioError } from '../../../../../workers/errors.ts';
import type { DroppedTokens as Dropped } from '../../../../../workers/protocol.ts';
import { clients } from '../../../client/clients.ts';
import { formatCount } from '../../../format/format.ts';
import { benchKey } from '../../../state/bench.ts';
import { useModel } from '../../../state/model-store.ts';
import { recipeOf, useRecipe } from '../../../state/recipe-store.ts';
import { structure as t } from '../../../strings/en-structure.ts';
import { ErrorNote } from '../../../ui/error-note.tsx';
import { shownTokens } from './shown-tokens.ts';
import styles from './dropped-tokens.module.css';

interface DroppedTokensProps {
  /** Sizes of the vocabulary. */
  readonly before: number | undefined;
  readonly after: number | undefined;
}

/** The tokens that the recipe on the bench takes out, once it is decided which. */
export function DroppedTokens({ before, after }: DroppedTokensProps) {
  const cut = before !== undefined && after !== undefined && after < before;
  const recipe = recipeOf(useRecipe());
  const sha256 = useModel((state) => state.view?.sha256);
  const { data, error, isLoading } = useQuery({
    queryKey: ['dropped-tokens', sha256, benchKey(recipe)],
    queryFn: async () => (await clients().engine.droppedTokens(recipe)) ?? null,
    enabled: cut,
  });
  if (!cut) return null;
  if (error !== null) return <ErrorNote error={toStudioError(error)} />;
  if (isLoading) return <p className={styles.quiet}>{t.counting}</p>;
  return data ? <List found={data} /> : null;
}

function List({ found }: { found: Dropped }) {
  const [query, setQuery] = useState('');
  const { tokens, more } = shownTokens(found.dropped, query);
  return (
    <section className={styles.dropped} aria-label={t.dropped}>
      <h3>
        {t.dropped}{' '}
        <small>
          {t.droppedSummary(formatCount(found.dropped.length), formatCount(found.size))}
        </small>
      </h3>
      <p className={styles.quiet}>{countedWords(found)}</p>
      <label className={styles.search}>
        <Search size={14} aria-hidden />
        <input
          type="search"
          aria-label={t.droppedSearch}
          placeholder={t.droppedSearch}
          value={query}
          onChange={(event) => setQuery(event.target.value)}
        />
      </label>
      {tokens.length === 0 ? (
        <p className={styles.quiet}>{t.droppedNone(query)}</p>
      ) : (
        // What scrolls has to be reached by keys, too.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <div className={styles.scroll} tabIndex={0} role="group" aria-label={t.dropped}>
          <Rows tokens={tokens} />
        </div>
      )}
      {more > 0 && <p className={styles.quiet}>{t.droppedMore(formatCount(more))}</p>}
    </section>
  );
}

function Rows({ tokens }: { tokens: Dropped['dropped'] }) {
  const { token, id, count } = t.droppedColumns;
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{token}</th>
          <th scope="col">{id}</th>
          {tokens[0].count !== undefined && <th scope="col">{count}</th>}
        </tr>
      </thead>
      <tbody>
        {tokens.map((one) => (
          <tr key={one.id}>
            <td>
              <code>{one.text}</code>
            </td>
            <td>{one.id}</td>
            {one.count !== undefined && (
              <td data-none={one.count === 0 || undefined}>{formatCount(one.count)}</td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** How much of the data they are. */
function countedWords({ counted, dropped }: Dropped): string | undefined {
  if (counted === undefined) return undefined;
  const times = dropped.reduce((sum, { count = 0 }) => sum + count, 0);
  if (times === 0) return t.droppedNever(counted.name);
  const percent = ((100 * times) / counted.tokens).toPrecision(2);
  return t.droppedCounted(counted.name, t.droppedShare(formatCount(times), percent));
}
