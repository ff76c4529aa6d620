import { go } from '../../actions/navigation.ts';
import { openReference } from '../../flows/open-model.ts';
import { useModel } from '../../state/model-store.ts';
import { runs as t } from '../../strings/en-runs.ts';
import { Button } from '../../ui/button.tsx';
import styles from './runs-screen.module.css';

/** The sample whose trials stand in for one's own. */
export const FIRST_SAMPLE = { name: 'stories', origin: 'sample:stories' } as const;

/** Nothing was run yet: what would stand here, and the way to it. */
export function NoRuns({ example }: { example: string | undefined }) {
  const model = useModel((state) => state.view?.name);
  return (
    <section className={styles.empty}>
      <h2>{t.empty.title}</h2>
      <p>
        {t.empty.lead} {example !== undefined && t.empty.shipped(example)}
      </p>
      {model === undefined ? (
        <Button tone="primary" onClick={() => void openSample()}>
          {t.empty.openModel(FIRST_SAMPLE.name)}
        </Button>
      ) : (
        <Button tone="primary" onClick={() => go('/studio')}>
          {t.empty.run}
        </Button>
      )}
    </section>
  );
}

async function openSample(): Promise<void> {
  go('/studio');
  await openReference(FIRST_SAMPLE.origin);
}
