import { Dialog } from '@base-ui/react/dialog';
import { useState, type KeyboardEvent } from 'react';
import { shortcutLabel } from '../actions/action.ts';
import { useCatalog } from '../recipe/method-card.ts';
import { useModel } from '../state/model-store.ts';
import { useSamples } from '../state/samples.ts';
import { useModelTrials } from '../state/trials.ts';
import { useView } from '../state/view-store.ts';
import { en } from '../strings/en.ts';
import { paletteEntries, type Findable } from './palette-entries.ts';
import { matching, type PaletteEntry } from './palette-match.ts';
import styles from './dialog.module.css';

const close = (): void => useView.setState({ palette: false });

/** ⌘K: every action that is possible now, and all there is to go to, found by any words of its title. */
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

function useFindable(): Findable {
  const samples = useSamples().data ?? NONE;
  const methods = useCatalog((state) => state.cards);
  const presets = useCatalog((state) => state.presets);
  const view = useModel((state) => state.view);
  const trials = useModelTrials();
  return { samples, methods, presets, trials, view };
}

const NONE: readonly never[] = [];

function Search() {
  const [query, setQuery] = useState('');
  const [at, setAt] = useState(0);
  const findable = useFindable();
  const found = matching(paletteEntries(findable), query);
  const perform = (chosen: PaletteEntry | undefined): void => {
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
  readonly entry: PaletteEntry;
  readonly selected: boolean;
  readonly onChoose: (entry: PaletteEntry) => void;
}

function Entry({ entry, selected, onChoose }: EntryProps) {
  const { id, icon: Icon, kind, title, shortcut } = entry;
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
      <span>
        {kind !== undefined && <small>{kind} </small>}
        {title}
      </span>
      {shortcut !== undefined && <kbd>{shortcutLabel(shortcut)}</kbd>}
    </li>
  );
}
