let context: CanvasRenderingContext2D | null | undefined;

/** Width of a text in pixels, as charts draw it: in the page's font, unless another is named. */
export function textWidth(text: string, fontSize: number, family?: string): number {
  context ??= document.createElement('canvas').getContext('2d');
  // Without a canvas an average letter has to do.
  if (context === null) return text.length * fontSize * 0.56;
  context.font = `${fontSize}px ${family ?? getComputedStyle(document.body).fontFamily}`;
  return context.measureText(text).width;
}
