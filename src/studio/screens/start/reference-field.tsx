import { useId, useState, type FormEvent } from 'react';
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
  const help = useId();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (text.trim() !== '') onOpen(text.trim());
  };
  return (
    <section className={styles.panel} aria-label={en.start.reference}>
      <h2>{en.start.reference}</h2>
      <form className={styles.reference} onSubmit={submit}>
        <input
          aria-label={en.start.referenceLabel}
          aria-describedby={help}
          placeholder={en.start.referencePlaceholder}
          value={text}
          spellCheck={false}
          autoCapitalize="none"
          onChange={(event) => setText(event.target.value)}
        />
        <Button type="submit" disabled={disabled || text.trim() === ''}>
          {en.start.open}
        </Button>
      </form>
      <p id={help} className={styles.facts}>
        {en.start.referenceHelp}
      </p>
    </section>
  );
}
