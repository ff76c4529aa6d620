import type { ReactElement } from 'react';
import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';

const STYLED = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'stroke-opacity',
  'stroke-dasharray',
  'font-family',
  'font-size',
  'font-weight',
  'font-variant-numeric',
  'text-anchor',
  'opacity',
] as const;

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
  const originals = svg.querySelectorAll<SVGElement>('*');
  copy.querySelectorAll<SVGElement>('*').forEach((element, index) => {
    const style = getComputedStyle(originals[index]);
    for (const name of STYLED) element.setAttribute(name, style.getPropertyValue(name));
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
