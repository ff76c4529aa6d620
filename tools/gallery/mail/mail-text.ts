/** What a reader sees of a mail: subject and text, without the other headers. */
export interface MailText {
  readonly subject: string;
  readonly body: string;
}

const ENTITIES: Readonly<Record<string, string>> = {
  nbsp: ' ',
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  copy: '©',
};

/**
 * Subject and text of a raw mail. Of a mail in parts the first plain (else the first HTML) part is
 * taken; quoted-printable and base64 are decoded, tags dropped. Everything else in the headers gives
 * the sender away and is left out.
 */
export function mailText(raw: string): MailText {
  const { headers, body } = split(raw.replaceAll('\r\n', '\n').replace(/^From .*\n/, ''));
  return { subject: plainLine(headers.get('subject') ?? ''), body: plainText(headers, body) };
}

function split(raw: string): { headers: Map<string, string>; body: string } {
  const end = raw.indexOf('\n\n');
  const head = (end < 0 ? raw : raw.slice(0, end)).replace(/\n[ \t]+/g, ' ');
  const headers = new Map<string, string>();
  for (const line of head.split('\n')) {
    const found = /^([\w-]+):\s*(.*)$/.exec(line);
    if (found && !headers.has(found[1].toLowerCase()))
      headers.set(found[1].toLowerCase(), found[2]);
  }
  return { headers, body: end < 0 ? '' : raw.slice(end + 2) };
}

function plainText(headers: ReadonlyMap<string, string>, body: string, depth = 0): string {
  const type = headers.get('content-type') ?? 'text/plain';
  const boundary = /boundary="?([^";]+)"?/i.exec(type)?.[1];
  if (/^multipart\//i.test(type) && boundary !== undefined && depth < 4) {
    return fromParts(body.split(`--${boundary}`).slice(1), depth);
  }
  if (!/^text(\/|$|;)/i.test(type.trim())) return '';
  const decoded = decode(body, headers.get('content-transfer-encoding') ?? '');
  // Mails that say nothing of their kind are HTML all the same, now and then.
  const html = /html/i.test(type) || /<(html|body|table|font|br|p)[\s>]/i.test(decoded);
  return tidy(html ? withoutTags(decoded) : decoded);
}

function fromParts(parts: readonly string[], depth: number): string {
  const read = parts.map((part) => split(part.replace(/^\n/, '')));
  const isPlain = ({ headers }: { headers: ReadonlyMap<string, string> }) =>
    !/html/i.test(headers.get('content-type') ?? '');
  const ordered = [...read.filter(isPlain), ...read.filter((part) => !isPlain(part))];
  for (const part of ordered) {
    const text = plainText(part.headers, part.body, depth + 1);
    if (text !== '') return text;
  }
  return '';
}

function decode(body: string, encoding: string): string {
  if (/base64/i.test(encoding)) return Buffer.from(body, 'base64').toString('latin1');
  if (!/quoted-printable/i.test(encoding)) return body;
  return body
    .replace(/=\n/g, '')
    .replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}

function withoutTags(html: string): string {
  return html
    .replace(/<(style|script|title)[\s\S]*?<\/\1>/gi, ' ')
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/<(br|p|tr|div|li|h\d)\b[^>]*>/gi, '\n')
    .replace(/<[^<>]{0,2000}>/g, ' ')
    .replace(/&#(\d{2,3});/g, (_, code: string) => String.fromCharCode(Number(code)))
    .replace(/&(\w+);/g, (all, name: string) => ENTITIES[name.toLowerCase()] ?? all);
}

/** The mailing lists' tags in the subject ("[ILUG]") say where a mail was sent, not what it says. */
function plainLine(subject: string): string {
  return tidy(subject.replace(/\[[^\]]{1,30}\]/g, ' ').replace(/=\?[^?]*\?[QB]\?/gi, ' '));
}

function tidy(text: string): string {
  return text
    .replace(/[^\S\n]+/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .replace(/([-=_*#~+.])\1{3,}/g, '$1$1$1')
    .replace(/\n{2,}/g, '\n')
    .trim();
}
