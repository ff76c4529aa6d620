import { Copy } from 'lucide-react';
import type { ReactNode } from 'react';
import type { StudioError } from '../../../workers/protocol.ts';
import { copy } from '../flows/share-link.ts';
import { en } from '../strings/en.ts';
import { Button } from './button.tsx';
import styles from './error-note.module.css';

interface ErrorNoteProps {
  readonly error: StudioError;
  /** The button that fixes it, where there is one. */
  readonly children?: ReactNode;
}

/** An error where its cause is: the sentence says what, why and what to do; details can be copied. */
export function ErrorNote({ error, children }: ErrorNoteProps) {
  return (
    <div className={styles.note} role="alert">
      <p>{error.message}</p>
      <div className={styles.actions}>
        {children}
        <Button
          tone="quiet"
          icon={Copy}
          onClick={() => void copy(detailsOf(error), en.errors.detailsCopied)}
        >
          {en.errors.copyDetails}
        </Button>
      </div>
    </div>
  );
}

function detailsOf(error: StudioError): string {
  const facts = { code: error.code, ...error.details, browser: navigator.userAgent };
  return `${error.message}\n\n${JSON.stringify(facts, null, 2)}`;
}
