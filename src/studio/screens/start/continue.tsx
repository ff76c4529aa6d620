import { useQuery } from '@tanstack/react-query';
import { History } from 'lucide-react';
import { useEffect, useState } from 'react';
import { whenIdle } from '../../client/when-idle.ts';
import { clients } from '../../client/clients.ts';
import {
  knownOrigins,
  recentModels,
  rememberedModels,
  rememberModels,
  type RecentModel,
} from '../../state/recent.ts';
import { start } from '../../strings/en-start.ts';
import { Button } from '../../ui/button.tsx';
import { useAskedFor } from './asked-for.ts';
import styles from './start-screen.module.css';

interface ContinueProps {
  readonly disabled: boolean;
  readonly onOpen: (reference: string) => void;
}

/** Greets who comes back: the models that trials are kept of. */
export function Continue({ disabled, onOpen }: ContinueProps) {
  const models = useRecentModels();
  const [now] = useState(() => Date.now());
  if (models.length === 0) return null;
  return (
    <nav className={styles.recent} aria-label={start.continueWith}>
      <h2>
        <History size={14} aria-hidden /> {start.continueWith}
      </h2>
      <ul>
        {models.map((model) => (
          <li key={model.sha256}>
            <Button disabled={disabled} onClick={() => resume(model, onOpen)}>
              <strong>{model.name}</strong>
              <span>{start.trialsAgo(model.trials, model.at, now)}</span>
            </Button>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** At once as they were at the last visit, and as they are once the trials were looked at. */
function useRecentModels(): readonly RecentModel[] {
  const [remembered] = useState(rememberedModels);
  const { data } = useQuery({
    queryKey: ['trials'],
    // The engine's thread would take a core from the first paint.
    queryFn: async () => {
      await whenIdle();
      return clients().engine.trials();
    },
  });
  const models = data === undefined ? remembered : recentModels(data, knownOrigins());
  useEffect(() => {
    if (data !== undefined) rememberModels(recentModels(data, knownOrigins()));
  }, [data]);
  return models;
}

function resume({ name, sha256, trials, origin }: RecentModel, open: ContinueProps['onOpen']) {
  if (origin !== undefined) return open(origin);
  useAskedFor.setState({ model: { name, sha256, trials } });
}
