import type { FallbackProps } from 'react-error-boundary';
import { toStudioError } from '../../../workers/errors.ts';
import { en } from '../strings/en.ts';
import { Button } from '../ui/button.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import styles from './screen-failure.module.css';

/** A screen that threw: the rest of the page stays, and the error can be handed on. */
export function ScreenFailure({ error, resetErrorBoundary }: FallbackProps) {
  const { code, message, details } = toStudioError(error);
  const outOfDate = /dynamically imported module|module script/i.test(message);
  return (
    <main className={styles.failure}>
      <ErrorNote
        error={{
          code,
          message: outOfDate ? en.errors.outOfDate : en.errors.screen,
          details: { ...details, cause: message },
        }}
      >
        <Button onClick={outOfDate ? () => location.reload() : resetErrorBoundary}>
          {en.errors.again}
        </Button>
      </ErrorNote>
    </main>
  );
}
