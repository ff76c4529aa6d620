import { Command, Monitor, Moon, Sun } from 'lucide-react';
import { Link, useLocation } from 'wouter';
import type { ModelView } from '../../../workers/protocol.ts';
import { stemOf } from '../../core/companions/parts.ts';
import { action } from '../actions/registry.ts';
import { shortcutLabel } from '../actions/action.ts';
import { formatBytes, formatCount, formatExactBytes } from '../format/format.ts';
import { useModel } from '../state/model-store.ts';
import { nextTheme, useTheme } from '../state/theme.ts';
import { en } from '../strings/en.ts';
import { IconButton } from '../ui/button.tsx';
import { DeviceChip } from './device-chip.tsx';
import styles from './header.module.css';
import { TaskSelect } from './task-select.tsx';

export function Header() {
  const view = useModel((state) => state.view);
  return (
    <header className={styles.bar}>
      <Link href="/" className={styles.name} aria-label={`${en.app.name}, ${en.app.start}`}>
        <Mark />
        {en.app.name}
      </Link>
      <Navigation open={view !== undefined} />
      {view && <ModelLine view={view} />}
      <div className={styles.right}>
        <DeviceChip />
        <PaletteButton />
        <ThemeButton />
      </div>
    </header>
  );
}

/** A turned spindle: what a lathe leaves. */
function Mark() {
  return (
    <svg width="18" height="18" viewBox="0 0 32 32" aria-hidden className={styles.mark}>
      <path d="M3 9h9v14H3zM12 12h9v8h-9zM21 14.5h8v3h-8z" fill="currentColor" />
    </svg>
  );
}

function Navigation({ open }: { open: boolean }) {
  const [path] = useLocation();
  const screens = [
    ...(open ? [{ href: '/studio', label: en.app.studio }] : []),
    { href: '/runs', label: en.app.runs },
    { href: '/learn', label: en.app.learn },
  ];
  return (
    <nav aria-label={en.app.navigation} className={styles.navigation}>
      {screens.map(({ href, label }) => (
        <Link key={href} href={href} aria-current={path.startsWith(href) ? 'page' : undefined}>
          {label}
        </Link>
      ))}
    </nav>
  );
}

function ModelLine({ view }: { view: ModelView }) {
  const { anatomy } = view;
  const facts = [
    view.parts.length > 1 ? stemOf(view.part.path) : undefined,
    anatomy.layout,
    anatomy.blocks.length > 0 ? en.app.blocks(anatomy.blocks.length) : undefined,
    en.app.weights(formatCount(view.parameters)),
  ];
  return (
    <p className={styles.model} title={view.warnings.join('\n') || undefined}>
      <strong>{view.name}</strong>
      {facts.filter(Boolean).map((fact) => (
        <span key={fact} className={styles.fact}>
          {fact}
        </span>
      ))}
      <span title={formatExactBytes(view.bytes)}>{formatBytes(view.bytes)}</span>
      <span>
        <TaskSelect view={view} />
      </span>
    </p>
  );
}

function PaletteButton() {
  const { perform, shortcut = '' } = action('palette');
  return (
    <button
      type="button"
      className={styles.palette}
      aria-label={en.palette.open}
      onClick={() => void perform()}
    >
      <Command size={13} aria-hidden />
      <kbd>{shortcutLabel(shortcut)}</kbd>
    </button>
  );
}

const THEME_ICONS = { auto: Monitor, light: Sun, dark: Moon };

function ThemeButton() {
  const theme = useTheme((state) => state.theme);
  return <IconButton icon={THEME_ICONS[theme]} label={en.app.theme[theme]} onClick={nextTheme} />;
}
