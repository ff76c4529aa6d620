import { useState, type FormEvent, type KeyboardEvent } from 'react';
import { Button } from '../../../ui/button.tsx';
import styles from './try-tab.module.css';

interface TextFormProps {
  readonly label: string;
  readonly placeholder: string;
  readonly go: string;
  readonly start?: string;
  readonly onSubmit: (text: string) => void;
}

/** A text to type or paste. Ctrl+Enter sends it: a line may end in it. */
export function TextForm({ label, placeholder, go, start = '', onSubmit }: TextFormProps) {
  const [text, setText] = useState(start);
  const submit = (event: FormEvent | KeyboardEvent): void => {
    event.preventDefault();
    if (text.trim() !== '') onSubmit(text);
  };
  return (
    <form className={styles.prompt} onSubmit={submit}>
      <textarea
        aria-label={label}
        placeholder={placeholder}
        rows={3}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit(event);
        }}
      />
      <Button type="submit" tone="primary" className={styles.go} disabled={text.trim() === ''}>
        {go}
      </Button>
    </form>
  );
}
