/** GPT-2's cut of a text into words: what byte-pair merges never cross. */
const WORDS = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;

/**
 * The printable character that stands for each byte (GPT-2's table): printable Latin-1 bytes stand
 * for themselves, the 68 others are moved to U+0100 and above in order.
 * @see Radford et al. 2019, `bytes_to_unicode` of the released encoder
 */
export const BYTE_CHARACTERS: readonly string[] = byteCharacters();

function byteCharacters(): string[] {
  const printable = (byte: number) =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  let moved = 0;
  return Array.from({ length: 256 }, (_, byte) =>
    String.fromCodePoint(printable(byte) ? byte : 0x100 + moved++),
  );
}

/** The words of a text in order; joined they are the text again. */
export function splitWords(text: string): string[] {
  return text.match(WORDS) ?? [];
}

/** A text as one printable character per UTF-8 byte. */
export function toByteCharacters(text: string): string {
  let result = '';
  for (const byte of new TextEncoder().encode(text)) result += BYTE_CHARACTERS[byte];
  return result;
}
