import { useLocation } from 'wouter';
import { focusOn, SCREEN } from './focus-on.ts';
import { skip } from '../strings/en-skip.ts';
import styles from './skip-links.module.css';

const STUDIO = [
  { label: skip.run, place: '#run' },
  { label: skip.result, place: '#result' },
];

/** The first stops of the Tab key, seen only while they have the focus. */
export function SkipLinks({ open }: { open: boolean }) {
  const [path] = useLocation();
  const inStudio = open && path.startsWith('/studio');
  const links = [{ label: skip.content, place: SCREEN }, ...(inStudio ? STUDIO : [])];
  return (
    <nav className={styles.links} aria-label={skip.title}>
      {links.map(({ label, place }) => (
        // No address: what follows # belongs to shared links.
        <button key={place} type="button" onClick={() => focusOn(place)}>
          {label}
        </button>
      ))}
    </nav>
  );
}
