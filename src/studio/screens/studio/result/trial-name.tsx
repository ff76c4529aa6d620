import { Pencil } from 'lucide-react';
import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import type { Trial } from '../../../../../workers/protocol.ts';
import { renameTrial } from '../../../flows/rename-trial.ts';
import { resultText } from '../../../strings/en-result.ts';
import { IconButton } from '../../../ui/button.tsx';
import styles from './trial-name.module.css';

/** What the trial is called, and a pencil to call it something else; one that ships has its name from the project. */
export function TrialName({ trial: { id, name, shipped } }: { trial: Trial }) {
  const [editing, setEditing] = useState(false);
  const pencil = useRef<HTMLSpanElement>(null);
  const wasEditing = useRef(false);
  useEffect(() => {
    // The field goes away with the focus in it: the pencil takes it back.
    if (wasEditing.current && !editing && document.activeElement === document.body)
      pencil.current?.querySelector('button')?.focus();
    wasEditing.current = editing;
  }, [editing]);
  if (editing) {
    const done = (text: string): void => {
      setEditing(false);
      if (text !== '' && text !== name) void renameTrial(id, text);
    };
    return <NameField name={name} onDone={done} />;
  }
  return (
    <span ref={pencil} className={styles.name}>
      {name}
      {!shipped && (
        <IconButton
          icon={Pencil}
          label={resultText.rename(name)}
          small
          onClick={() => setEditing(true)}
        />
      )}
    </span>
  );
}

interface NameFieldProps {
  readonly name: string;
  readonly onDone: (text: string) => void;
}

/** Enter or leaving the field keeps what is written, Escape does not. */
function NameField({ name, onDone }: NameFieldProps) {
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    if (event.key !== 'Escape' && event.key !== 'Enter') return;
    event.stopPropagation();
    // The pencil that takes the focus back must not be pressed by the same key.
    event.preventDefault();
    if (event.key === 'Escape') event.currentTarget.value = name;
    event.currentTarget.blur();
  };
  return (
    <input
      // The field was asked for: whoever did so is about to type.
      // eslint-disable-next-line jsx-a11y/no-autofocus
      autoFocus
      className={styles.field}
      aria-label={resultText.trialName}
      defaultValue={name}
      onFocus={(event) => event.target.select()}
      onKeyDown={onKeyDown}
      onBlur={(event) => onDone(event.target.value.trim())}
    />
  );
}
