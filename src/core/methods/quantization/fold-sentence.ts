import type { Fold } from '../../folds/index.ts';

/** Reasons that are told in full. */
const TOLD = 3;

/** How scales are folded, and which values are multiplied because nothing before them can take one. */
export function foldSentence(folds: readonly Fold[]): string {
  const count = (by: Fold['by']): number => folds.filter((fold) => fold.by === by).length;
  const taken = [
    said(count('norm'), 'a norm', 'norms'),
    said(count('layer'), 'the layer before', 'layers before'),
    said(count('constant'), 'a stored factor', 'stored factors'),
  ].filter((text) => text !== '');
  const multiplied = folds.filter(({ by }) => by === 'multiplication');
  const into = `Scales are folded into ${new Intl.ListFormat('en').format(taken)}`;
  const sentences = taken.length > 0 ? [`${into}.`] : [];
  if (multiplied.length > 0) {
    const each = multiplied.slice(0, TOLD).map(({ value, reason }) => `"${value}" (${reason})`);
    const more = multiplied.length > TOLD ? ` and ${multiplied.length - TOLD} more` : '';
    const which = multiplied.length === 1 ? 'One value gets' : `${multiplied.length} values get`;
    sentences.push(
      `${which} a multiplication, as nothing before can take the scale: ${each.join(', ')}${more}.`,
    );
  }
  return sentences.join(' ');
}

function said(count: number, one: string, several: string): string {
  if (count === 0) return '';
  return count === 1 ? one : `${count} ${several}`;
}
