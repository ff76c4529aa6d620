import { create } from 'zustand';

export const THEMES = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

/** The same key is read by the snippet in index.html, before the first paint. */
const KEY = 'lathe-theme';

function stored(): Theme {
  const theme = document.documentElement.dataset['theme'];
  return THEMES.find((name) => name === theme) ?? 'auto';
}

export const useTheme = create<{ theme: Theme }>()(() => ({ theme: stored() }));

export function setTheme(theme: Theme): void {
  document.documentElement.dataset['theme'] = theme;
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // Storage may be forbidden; the choice then lasts as long as the page.
  }
  useTheme.setState({ theme });
}

export function nextTheme(): void {
  const { theme } = useTheme.getState();
  setTheme(THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length]);
}
