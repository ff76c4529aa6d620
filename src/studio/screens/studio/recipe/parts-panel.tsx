import { useId } from 'react';
import { distinctParts } from '../../../../core/companions/choose-parts.ts';
import { partBase, partPlace, stemOf } from '../../../../core/companions/parts.ts';
import type { ModelView, PartView } from '../../../../../workers/protocol.ts';
import { openPart } from '../../../flows/open-model.ts';
import { formatBytes, formatExactBytes } from '../../../format/format.ts';
import { useJob } from '../../../state/job-store.ts';
import { useModel } from '../../../state/model-store.ts';
import { chosenParts } from '../../../state/parts.ts';
import { togglePart, useView } from '../../../state/view-store.ts';
import { en } from '../../../strings/en.ts';
import { Button } from '../../../ui/button.tsx';
import styles from './parts-panel.module.css';

/** The files of a folder that has several: which is open, and which a run works on. */
export function PartsPanel() {
  const view = useModel((state) => state.view);
  if (view === undefined || view.parts.length < 2) return null;
  return <Panel view={view} />;
}

function Panel({ view }: { view: ModelView }) {
  const heading = useId();
  const also = useView((state) => state.alsoParts);
  const listed = listedParts(view, also);
  const more = view.parts.filter((part) => !listed.includes(part));
  return (
    <section className={styles.panel} aria-labelledby={heading}>
      <header>
        <h3 id={heading}>{en.parts.title}</h3>
        <AllOrOne view={view} listed={listed} />
      </header>
      <Rows view={view} parts={listed} />
      {more.length > 0 && (
        <details>
          <summary>{en.parts.more(more.length)}</summary>
          <Rows view={view} parts={more} />
        </details>
      )}
    </section>
  );
}

/** Each part once, the open one and the chosen ones in the file that was meant. */
function listedParts(view: ModelView, also: readonly string[]): readonly PartView[] {
  const meant = chosenParts(view, also);
  const names = new Set(meant.map(nameOf));
  const others = distinctParts(view.parts).filter((part) => !names.has(nameOf(part)));
  return view.parts.filter((part) => meant.includes(part) || others.includes(part));
}

function nameOf(part: PartView): string {
  return partPlace(part) + partBase(part);
}

/** One click for all parts, or back to the open one. */
function AllOrOne({ view, listed }: { view: ModelView; listed: readonly PartView[] }) {
  const also = useView((state) => state.alsoParts);
  const running = useJob((state) => state.running);
  const others = listed.filter(({ path }) => path !== view.part.path).map(({ path }) => path);
  const all = others.every((path) => also.includes(path));
  return (
    <Button
      tone="quiet"
      disabled={running}
      onClick={() => useView.setState({ alsoParts: all ? [] : others })}
    >
      {all ? en.parts.one : en.parts.all}
    </Button>
  );
}

function Rows({ view, parts }: { view: ModelView; parts: readonly PartView[] }) {
  return (
    <ul>
      {parts.map((part) => (
        <Row key={part.path} part={part} isOpen={part.path === view.part.path} />
      ))}
    </ul>
  );
}

function Row({ part, isOpen }: { part: PartView; isOpen: boolean }) {
  const { path, role, dtype, bytes } = part;
  const chosen = useView((state) => state.alsoParts.includes(path));
  const running = useJob((state) => state.running);
  const stem = stemOf(path);
  return (
    <li className={styles.row}>
      <input
        type="checkbox"
        aria-label={en.parts.run(stem)}
        title={isOpen ? en.parts.runsAlways : en.parts.run(stem)}
        checked={isOpen || chosen}
        disabled={isOpen || running}
        onChange={() => togglePart(path)}
      />
      <button
        type="button"
        className={styles.name}
        title={path}
        aria-label={en.parts.open(stem)}
        aria-current={isOpen ? 'true' : undefined}
        disabled={running}
        onClick={() => void openPart(path)}
      >
        <span>{role === 'model' ? stem : en.parts.roles[role]}</span>
        {role !== 'model' && <code>{stem}</code>}
      </button>
      <span className={styles.facts}>
        <span title={formatExactBytes(bytes)}>{formatBytes(bytes)}</span>
        <small>{isOpen ? `${dtype} · ${en.parts.isOpen}` : dtype}</small>
      </span>
    </li>
  );
}
