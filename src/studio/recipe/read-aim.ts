import type { Aim } from '../../core/methods/aims.ts';
import { bytesText, parseBytes } from './bytes-text.ts';

/** "60 MB", "1 %": a size with its unit or a loss in percent; undefined where it is neither. */
export function readAim(text: string): Aim | undefined {
  const [, percent] = /^\s*(\d+(?:[.,]\d+)?)\s*%\s*$/.exec(text) ?? [];
  if (percent !== undefined) {
    const loss = Number((Number(percent.replace(',', '.')) / 100).toPrecision(6));
    return loss > 0 ? { loss } : undefined;
  }
  // A number alone could be either.
  if (/^\s*[\d.,\s]*$/.test(text)) return undefined;
  const bytes = parseBytes(text);
  return bytes === undefined ? undefined : { bytes };
}

export function aimText(aim: Aim): string {
  return 'bytes' in aim ? bytesText(aim.bytes) : `${Number((100 * aim.loss).toPrecision(6))} %`;
}
