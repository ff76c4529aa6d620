import { useState, type FormEvent, type KeyboardEvent, type ReactNode } from 'react';
import { Button } from '../../../ui/button.tsx';
import styles from './try-tab.module.css';

interface TextFormProps {
  readonly label: string;
  readonly placeholder: string;
  readonly go: string;
  readonly start?: string;
  readonly onSubmit: (text: string) => void;
  /** More to do, beside the button. */
  readonly children?: ReactNode;
}

/** A text to type or paste. Ctrl+Enter sends it: a line may end in it. */
export function TextForm(props: TextFormProps) {
  const { label, placeholder, go, start = '', onSubmit, children } = props;
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
      <div className={styles.controls}>
        {children}
        <Button type="submit" tone="primary" disabled={text.trim() === ''}>
          {go}
        </Button>
      </div>
    </form>
  );
}
