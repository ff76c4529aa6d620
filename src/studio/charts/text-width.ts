let context: CanvasRenderingContext2D | null | undefined;
/** Widths of texts by font: charts ask for the same ones at every move. */
const known = new Map<string, number>();

/** Width of a text in pixels, as charts draw it: in the page's font and plain, unless told otherwise. */
export function textWidth(text: string, fontSize: number, family?: string, weight = 400): number {
  context ??= newContext();
  // Without a canvas an average letter has to do.
  if (context === null) return text.length * fontSize * 0.56;
  const font = `${weight} ${fontSize}px ${family ?? pageFont()}`;
  const key = `${font} ${text}`;
  const width = known.get(key) ?? measured(context, font, text);
  if (known.size > 5000) known.clear();
  known.set(key, width);
  return width;
}

let page: string | undefined;

function pageFont(): string {
  page ??= getComputedStyle(document.body).fontFamily;
  return page;
}

function measured(canvas: CanvasRenderingContext2D, font: string, text: string): number {
  if (canvas.font !== font) canvas.font = font;
  return canvas.measureText(text).width;
}

function newContext(): CanvasRenderingContext2D | null {
  // A font that comes late is another one.
  document.fonts.addEventListener('loadingdone', () => known.clear());
  return document.createElement('canvas').getContext('2d');
}
