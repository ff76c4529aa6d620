import { create } from 'zustand';
import type { AskParts } from '../files/hub.ts';
import type { ListedPart } from '../files/hub-parts.ts';

interface Question {
  readonly repo: string;
  readonly parts: readonly ListedPart[];
  readonly answer: (paths: readonly string[] | undefined) => void;
}

/** Which parts of a repository to fetch, while that is open. */
export const useHubQuestion = create<{ readonly question?: Question }>()(() => ({}));

/** Asks, until it is answered or what asked is aborted. */
export function askParts(signal: AbortSignal): AskParts {
  return (repo, parts) =>
    new Promise((resolve) => {
      const answer = (paths: readonly string[] | undefined): void => {
        useHubQuestion.setState({ question: undefined });
        resolve(paths);
      };
      signal.addEventListener('abort', () => answer(undefined), { once: true });
      useHubQuestion.setState({ question: { repo, parts, answer } });
    });
}
