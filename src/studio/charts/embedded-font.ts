import face from '../styles/fonts/inter-latin.woff2?no-inline';

let rule: Promise<string> | undefined;

/** A rule that carries the page's font along: a picture of an SVG knows none of the page's faces. */
export function embeddedFont(): Promise<string> {
  rule ??= fetch(face)
    .then((answer) => answer.blob())
    .then(dataUrl)
    .then(
      (url) =>
        `@font-face { font-family: 'Inter Lathe'; font-weight: 400 700; src: url(${url}) format('woff2'); }`,
    )
    // The system's font is better than no picture.
    .catch(() => '');
  return rule;
}

function dataUrl(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error ?? new Error('the font cannot be read'));
    reader.readAsDataURL(blob);
  });
}
