import { create } from 'zustand';

export interface Notice {
  readonly id: number;
  readonly text: string;
  readonly tone: 'info' | 'error';
  readonly action?: { readonly label: string; readonly perform: () => void };
}

interface NoticeState {
  readonly notices: readonly Notice[];
  /** What the polite live region says. */
  readonly spoken: string;
}

const SHOWN_MS = 7000;
let lastId = 0;

export const useNotices = create<NoticeState>()(() => ({ notices: [], spoken: '' }));

export function notify(text: string, extra: Partial<Pick<Notice, 'tone' | 'action'>> = {}): number {
  const notice: Notice = { id: (lastId += 1), text, tone: 'info', ...extra };
  useNotices.setState(({ notices }) => ({ notices: [...notices, notice].slice(-3), spoken: text }));
  if (notice.tone === 'info') setTimeout(dismiss, SHOWN_MS, notice.id);
  return notice.id;
}

export function dismiss(id: number): void {
  useNotices.setState(({ notices }) => ({ notices: notices.filter((n) => n.id !== id) }));
}

/** A new drop replaces what was said of the one before. */
export function clearNotices(): void {
  useNotices.setState({ notices: [] });
}

/** Says something to screen readers without showing it. */
export function announce(spoken: string): void {
  useNotices.setState({ spoken });
}

export const UNDO_WINDOW_MS = SHOWN_MS;
