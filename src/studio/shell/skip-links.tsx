import { focusOn } from './focus-on.ts';
import styles from './skip-links.module.css';

interface SkipLinksProps {
  readonly label: string;
  readonly links: readonly { readonly label: string; readonly place: string }[];
}

/** The first stops of the Tab key on a page or a screen, seen only while they have the focus. */
export function SkipLinks({ label, links }: SkipLinksProps) {
  return (
    <nav className={styles.links} aria-label={label}>
      {links.map(({ label: title, place }) => (
        // No address: what follows # belongs to shared links.
        <button key={place} type="button" onClick={() => focusOn(place)}>
          {title}
        </button>
      ))}
    </nav>
  );
}
