import { Dialog } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import { useState } from 'react';
import { defaultPart } from '../../core/companions/choose-parts.ts';
import { stemOf } from '../../core/companions/parts.ts';
import { choicesOf, usualChoice, type ListedPart, type PartChoice } from '../files/hub-parts.ts';
import { formatBytes } from '../format/format.ts';
import { useHubQuestion } from '../state/hub-question.ts';
import { en } from '../strings/en.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { ChoiceMenu } from '../ui/choice-menu.tsx';
import dialog from './dialog.module.css';
import styles from './hub-parts.module.css';

/** Asks which parts of a repository to fetch, and in which dtype. */
export function HubParts() {
  const question = useHubQuestion((state) => state.question);
  if (question === undefined) return null;
  const { repo, parts, answer } = question;
  return (
    <Dialog.Root open onOpenChange={(open) => open || answer(undefined)}>
      <Dialog.Portal>
        <Dialog.Backdrop className={dialog.backdrop} />
        <Dialog.Popup className={dialog.popup}>
          <div className={dialog.head}>
            <Dialog.Title>{en.hub.title(repo)}</Dialog.Title>
            <Dialog.Close render={<IconButton icon={X} label={en.hub.cancel} small />} />
          </div>
          <Choice key={repo} parts={parts} answer={answer} />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

interface ChoiceProps {
  readonly parts: readonly ListedPart[];
  readonly answer: (paths: readonly string[]) => void;
}

function Choice({ parts, answer }: ChoiceProps) {
  const [chosen, setChosen] = useState(() => usualChoice(parts).map(({ path }) => path));
  const files = parts.filter(({ path }) => chosen.includes(path));
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const replace = ({ files: own }: PartChoice, path: string | undefined): void => {
    const others = chosen.filter((other) => own.every((file) => file.path !== other));
    setChosen(path === undefined ? others : [...others, path]);
  };
  const first = defaultPart(files)?.path;
  return (
    <>
      <p className={styles.lead}>{en.hub.lead}</p>
      <ul className={styles.parts}>
        {choicesOf(parts).map((choice) => (
          <Row
            key={choice.name}
            choice={choice}
            chosen={choice.files.find(({ path }) => chosen.includes(path))}
            onChoose={(path) => replace(choice, path)}
          />
        ))}
      </ul>
      <footer className={styles.foot}>
        <Button
          tone="primary"
          disabled={first === undefined}
          onClick={() =>
            first !== undefined && answer([first, ...chosen.filter((path) => path !== first)])
          }
        >
          {first === undefined ? en.hub.none : en.hub.open(formatBytes(bytes))}
        </Button>
      </footer>
    </>
  );
}

interface RowProps {
  readonly choice: PartChoice;
  readonly chosen: ListedPart | undefined;
  readonly onChoose: (path: string | undefined) => void;
}

function Row({ choice: { name, files }, chosen, onChoose }: RowProps) {
  const [first] = files;
  const shown = chosen ?? first;
  const stem = stemOf(name);
  return (
    <li className={styles.part}>
      <label>
        <input
          type="checkbox"
          checked={chosen !== undefined}
          onChange={() => onChoose(chosen === undefined ? first.path : undefined)}
        />
        <span>
          {first.role === 'model' ? stem : en.parts.roles[first.role]}
          {first.role !== 'model' && <code>{stem}</code>}
        </span>
      </label>
      <ChoiceMenu
        label={en.hub.dtype(stem)}
        value={shown.path}
        choices={files.map(({ path, dtype, bytes }) => ({
          value: path,
          label: `${dtype} · ${formatBytes(bytes)}`,
        }))}
        onChange={onChoose}
      />
    </li>
  );
}
