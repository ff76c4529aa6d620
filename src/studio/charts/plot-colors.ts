import { useSyncExternalStore } from 'react';

export type PlotColor = '--text' | '--text-2' | '--text-3' | '--line' | '--accent';

/** A token's value for canvas, which does not understand custom properties. */
export function plotColor(element: Element, name: PlotColor): string {
  // light-dark() is resolved only where a property uses it.
  const probe = document.createElement('span');
  probe.style.color = `var(${name})`;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

function subscribe(onChange: () => void): () => void {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const observer = new MutationObserver(onChange);
  observer.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  dark.addEventListener('change', onChange);
  return () => {
    observer.disconnect();
    dark.removeEventListener('change', onChange);
  };
}

function scheme(): 'light' | 'dark' {
  const chosen = document.documentElement.dataset['theme'];
  if (chosen === 'light' || chosen === 'dark') return chosen;
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}

/** The colour scheme in force; canvases repaint when it changes. */
export function useScheme(): 'light' | 'dark' {
  return useSyncExternalStore(subscribe, scheme);
}
