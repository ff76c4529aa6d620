/**
 * Inter's `tnum` gives hyphens, brackets and spaces the width of a figure as well, which tears "8-bit" apart.
 * Its only lookup maps glyph to glyph; here every glyph that is no digit is mapped to itself.
 * Layout of the tables: OpenType specification, "GSUB" and "Common table formats".
 */
export function onlyFiguresTabular(font: Buffer, figures: ReadonlySet<number>): Buffer {
  const patched = Buffer.from(font);
  const gsub = tableAt(patched, 'GSUB');
  const lookups = gsub + patched.readUInt16BE(gsub + 8);
  for (const lookup of offsetsAt(patched, lookups, 0)) {
    if (patched.readUInt16BE(lookup) !== 1) throw new Error('tnum is no single substitution');
    for (const subtable of offsetsAt(patched, lookup, 4)) keepFigures(patched, subtable, figures);
  }
  return patched;
}

/** Single substitution, format 2: a coverage table, and one substitute for each of its glyphs. */
function keepFigures(font: Buffer, subtable: number, figures: ReadonlySet<number>): void {
  if (font.readUInt16BE(subtable) !== 2) throw new Error('tnum has another format than expected');
  const covered = coverage(font, subtable + font.readUInt16BE(subtable + 2));
  covered.forEach((glyph, at) => {
    if (!figures.has(glyph)) font.writeUInt16BE(glyph, subtable + 6 + 2 * at);
  });
}

function coverage(font: Buffer, at: number): number[] {
  const [format, count] = [font.readUInt16BE(at), font.readUInt16BE(at + 2)];
  const word = (index: number): number => font.readUInt16BE(at + 4 + 2 * index);
  if (format === 1) return Array.from({ length: count }, (_, i) => word(i));
  return Array.from({ length: count }, (_, i) => [word(3 * i), word(3 * i + 1)]).flatMap(
    ([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => first + i),
  );
}

/** Glyphs of the figures 0 to 9, which stand in a row in the `cmap` of any font (format 4 segments). */
export function figureGlyphs(font: Buffer): ReadonlySet<number> {
  const cmap = tableAt(font, 'cmap');
  const count = font.readUInt16BE(cmap + 2);
  const tables = Array.from(
    { length: count },
    (_, i) => cmap + font.readUInt32BE(cmap + 8 + 8 * i),
  );
  const table = tables.find((at) => font.readUInt16BE(at) === 4);
  if (table === undefined) throw new Error('the font has no cmap of format 4');
  return new Set([...'0123456789'].map((figure) => glyphOf(font, table, figure.charCodeAt(0))));
}

function glyphOf(font: Buffer, table: number, code: number): number {
  const length = font.readUInt16BE(table + 6);
  for (let at = 0; at < length; at += 2) {
    const end = table + 14 + at;
    const start = end + length + 2;
    if (font.readUInt16BE(end) < code) continue;
    const rangeAt = start + 2 * length;
    const range = font.readUInt16BE(rangeAt);
    const delta = font.readUInt16BE(start + length);
    if (range === 0) return (code + delta) & 0xffff;
    return font.readUInt16BE(rangeAt + range + 2 * (code - font.readUInt16BE(start)));
  }
  throw new Error('the font lacks a figure');
}

function offsetsAt(font: Buffer, base: number, listAt: number): number[] {
  const count = font.readUInt16BE(base + listAt);
  return Array.from(
    { length: count },
    (_, i) => base + font.readUInt16BE(base + listAt + 2 + 2 * i),
  );
}

function tableAt(font: Buffer, tag: string): number {
  const count = font.readUInt16BE(4);
  for (let at = 12; at < 12 + 16 * count; at += 16) {
    if (font.toString('latin1', at, at + 4) === tag) return font.readUInt32BE(at + 8);
  }
  throw new Error(`the font has no table ${tag}`);
}
