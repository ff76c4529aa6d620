import { create } from 'zustand';

interface FrontierChoice {
  /** Unset: the change to the original, once there is a trial. */
  readonly as?: 'value' | 'change';
  readonly across: 'size' | 'time';
}

/** What the axes of the frontier show. */
export const useFrontierChoice = create<FrontierChoice>()(() => ({ across: 'size' }));
