import { useState } from 'react';
import { MOST_NAME } from '../../../recipe/named-recipes.ts';
import { start } from '../../../strings/en-recipe.ts';
import { Button } from '../../../ui/button.tsx';
import styles from './start-menu.module.css';

interface NameFormProps {
  readonly name: string;
  /** What a name that is taken means, in a line below. */
  readonly note?: (name: string) => string | undefined;
  readonly onName: (name: string) => void;
  readonly onCancel: () => void;
}

/** Asks for a name; Enter keeps it, Escape does not. */
export function NameForm({ name, note, onName, onCancel }: NameFormProps) {
  const [text, setText] = useState(name);
  const wanted = text.trim();
  const said = note?.(wanted);
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (wanted !== '') onName(wanted);
      }}
    >
      <input
        // The form was asked for: whoever did so is about to type.
        // eslint-disable-next-line jsx-a11y/no-autofocus
        autoFocus
        aria-label={start.saveLabel}
        maxLength={MOST_NAME}
        value={text}
        onFocus={(event) => event.target.select()}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          event.stopPropagation();
          onCancel();
        }}
      />
      <Button tone="primary" type="submit" disabled={wanted === ''}>
        {start.save}
      </Button>
      {said !== undefined && <small>{said}</small>}
    </form>
  );
}
