/** A sentence about something, shown beside its name: without the name in quotation marks where it begins with it. */
export function withoutName(sentence: string, name: string): string {
  const subject = `"${name}" `;
  return sentence.startsWith(subject) ? sentence.slice(subject.length) : sentence;
}
