import type { ReactElement } from 'react';
import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';

/** What a drawing's look depends on, and what it is where nothing is said. */
const STYLED: Readonly<Record<string, string>> = {
  fill: 'rgb(0, 0, 0)',
  'fill-opacity': '1',
  stroke: 'none',
  'stroke-width': '1px',
  'stroke-opacity': '1',
  'stroke-dasharray': 'none',
  'stroke-linecap': 'butt',
  'stroke-linejoin': 'miter',
  'font-size': '',
  'font-weight': '400',
  'text-anchor': 'start',
  opacity: '1',
};

/** Fonts that a figure asks for: the page's own does not travel with the file. */
export const FIGURE_FONT = "'Helvetica Neue', Arial, 'Liberation Sans', sans-serif";

/**
 * A drawing as an SVG file that needs nothing of this page. It is drawn aside, in the light theme whatever the page's
 * is, because figures are printed on white.
 */
export function svgOfFigure(figure: ReactElement): Promise<string> {
  const host = document.createElement('div');
  Object.assign(host.style, { position: 'fixed', left: '-9999px', top: '0', colorScheme: 'light' });
  host.setAttribute('aria-hidden', 'true');
  document.body.append(host);
  const root = createRoot(host);
  try {
    flushSync(() => root.render(figure));
    const svg = host.querySelector('svg');
    if (svg === null) throw new Error('the figure draws no SVG');
    return Promise.resolve(standalone(svg));
  } finally {
    root.unmount();
    host.remove();
  }
}

/** Custom properties and classes mean nothing outside the page: every element gets its computed style. */
function standalone(svg: SVGSVGElement): string {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('font-family', FIGURE_FONT);
  const originals = svg.querySelectorAll<SVGElement>('*');
  copy.querySelectorAll<SVGElement>('*').forEach((element, index) => {
    const style = getComputedStyle(originals[index]);
    for (const [name, usual] of Object.entries(STYLED)) {
      const value = style.getPropertyValue(name);
      if (value === usual || (name.startsWith('font') && element.tagName !== 'text')) {
        element.removeAttribute(name);
      } else element.setAttribute(name, value);
    }
    element.removeAttribute('class');
  });
  return new XMLSerializer().serializeToString(copy);
}

/** An SVG file as a PNG of twice its size. */
export async function pngOfSvg(text: string): Promise<Blob> {
  const image = new Image();
  image.src = URL.createObjectURL(new Blob([text], { type: 'image/svg+xml' }));
  try {
    await image.decode();
    const canvas = new OffscreenCanvas(image.naturalWidth * 2, image.naturalHeight * 2);
    const context = canvas.getContext('2d');
    if (context === null) throw new Error('this browser gives no 2D canvas');
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await canvas.convertToBlob({ type: 'image/png' });
  } finally {
    URL.revokeObjectURL(image.src);
  }
}
