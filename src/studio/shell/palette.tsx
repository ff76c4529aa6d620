import { Dialog } from '@base-ui/react/dialog';
import { useState, type KeyboardEvent } from 'react';
import { shortcutLabel, type Action } from '../actions/action.ts';
import { ACTIONS } from '../actions/registry.ts';
import { useView } from '../state/view-store.ts';
import { en } from '../strings/en.ts';
import styles from './dialog.module.css';

const close = (): void => useView.setState({ palette: false });

/** ⌘K: every action that is possible now, found by any words of its title. */
export function Palette() {
  return (
    <Dialog.Root open onOpenChange={(open) => useView.setState({ palette: open })}>
      <Dialog.Portal>
        <Dialog.Backdrop className={styles.backdrop} />
        <Dialog.Popup className={styles.popup}>
          <Dialog.Title className="visually-hidden">{en.palette.title}</Dialog.Title>
          <Search />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function matching(query: string): readonly Action[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return ACTIONS.filter(
    ({ id, title, available }) =>
      id !== 'palette' &&
      available?.() !== false &&
      words.every((word) => title.toLowerCase().includes(word)),
  );
}

function Search() {
  const [query, setQuery] = useState('');
  const [at, setAt] = useState(0);
  const found = matching(query);
  const perform = (chosen: Action | undefined): void => {
    if (chosen === undefined) return;
    close();
    void chosen.perform();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (by !== 0) setAt((at + by + found.length) % Math.max(1, found.length));
    else if (event.key === 'Enter') perform(found[at]);
    else return;
    event.preventDefault();
  };
  return (
    <>
      <input
        className={styles.search}
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={found[at] && `palette-${found[at].id}`}
        aria-label={en.palette.search}
        placeholder={en.palette.search}
        value={query}
        onChange={(event) => {
          setQuery(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <ul id="palette-list" role="listbox" aria-label={en.palette.title} className={styles.list}>
        {found.map((entry, index) => (
          <Entry key={entry.id} entry={entry} selected={index === at} onChoose={perform} />
        ))}
      </ul>
      {found.length === 0 && <p className={styles.none}>{en.palette.none}</p>}
    </>
  );
}

interface EntryProps {
  readonly entry: Action;
  readonly selected: boolean;
  readonly onChoose: (entry: Action) => void;
}

function Entry({ entry, selected, onChoose }: EntryProps) {
  const { id, icon: Icon, title, shortcut } = entry;
  return (
    // Focus stays in the search field, which moves aria-activedescendant and handles the keys.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events
    <li
      id={`palette-${id}`}
      role="option"
      tabIndex={-1}
      aria-selected={selected}
      ref={(element) => void (selected && element?.scrollIntoView({ block: 'nearest' }))}
      onClick={() => onChoose(entry)}
    >
      <Icon size={15} aria-hidden />
      <span>{title}</span>
      {shortcut !== undefined && <kbd>{shortcutLabel(shortcut)}</kbd>}
    </li>
  );
}
