import { useState, type FormEvent } from 'react';
import { en } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import styles from './start-screen.module.css';

interface ReferenceFieldProps {
  readonly disabled: boolean;
  readonly onOpen: (reference: string) => void;
}

/** A model from the web: an https address, or a Hugging Face repository. */
export function ReferenceField({ disabled, onOpen }: ReferenceFieldProps) {
  const [text, setText] = useState('');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (text.trim() !== '') onOpen(text.trim());
  };
  return (
    <form className={styles.reference} onSubmit={submit} aria-label={en.start.reference}>
      <input
        aria-label={en.start.referenceLabel}
        placeholder={en.start.referencePlaceholder}
        title={en.start.referenceHelp}
        value={text}
        spellCheck={false}
        autoCapitalize="none"
        onChange={(event) => setText(event.target.value)}
      />
      <Button type="submit" disabled={disabled || text.trim() === ''}>
        {en.start.open}
      </Button>
    </form>
  );
}
