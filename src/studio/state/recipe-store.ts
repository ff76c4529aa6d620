import { temporal } from 'zundo';
import { create } from 'zustand';
import { persist } from 'zustand/middleware';
import { NO_HISTORY, storedHistory, storeHistory } from './recipe-history.ts';
import { methodCard } from '../recipe/method-card.ts';
import type { Calibration, Recipe, Step, Target } from '../../core/recipe/types.ts';

/** A step with an identity that survives reordering; the document itself has none. */
export interface EditableStep extends Step {
  readonly key: string;
}

export interface RecipeState {
  readonly name: string | undefined;
  readonly seed: number;
  readonly calibration: Calibration | undefined;
  readonly steps: readonly EditableStep[];
  /** Which step's options the Weights tab previews. Not part of the document, not undone. */
  readonly selected: string | undefined;
}

export type Document = Pick<RecipeState, 'name' | 'seed' | 'calibration' | 'steps'>;

const EMPTY: RecipeState = {
  name: undefined,
  seed: 0,
  calibration: undefined,
  steps: [],
  selected: undefined,
};

function documentOf({ name, seed, calibration, steps }: RecipeState): Document {
  return { name, seed, calibration, steps };
}

export function sameDocument(a: Document, b: Document): boolean {
  return (
    a.steps === b.steps && a.seed === b.seed && a.name === b.name && a.calibration === b.calibration
  );
}

/** The recipe on the bench. It outlives models: dropping another one keeps it. */
export const useRecipe = create<RecipeState>()(
  temporal(
    persist((): RecipeState => EMPTY, {
      name: 'lathe-recipe',
      version: 1,
      partialize: documentOf,
      // What storage holds comes from outside, and the schema that checks it with the editor.
      skipHydration: true,
    }),
    { partialize: documentOf, equality: sameDocument, limit: 200 },
  ),
);

/** Checks what storage holds: it comes from outside. */
export type ReadRecipe = (stored: unknown) => Recipe | undefined;

/** Puts what an earlier visit left on the bench, as far as `read` knows it for a recipe, with the way back. */
export async function restoreRecipe(read: ReadRecipe): Promise<void> {
  // A browser that refuses storage has none of it.
  if (!('persist' in useRecipe) || useRecipe.persist.hasHydrated()) return;
  let restored = false;
  useRecipe.persist.setOptions({
    merge: (stored, current) => {
      // What a link brought meanwhile is newer.
      const recipe = current.steps.length > 0 ? undefined : read(stored);
      restored = recipe !== undefined;
      return recipe === undefined ? current : { ...current, ...stateOf(recipe) };
    },
  });
  await useRecipe.persist.rehydrate();
  const documentsOf = (list: readonly unknown[]): Document[] =>
    list.flatMap((stored) => {
      const recipe = read(stored);
      return recipe === undefined ? [] : [documentOf(stateOf(recipe))];
    });
  const { past, future } = restored ? storedHistory() : NO_HISTORY;
  useRecipe.temporal.setState({ pastStates: documentsOf(past), futureStates: documentsOf(future) });
  useRecipe.temporal.subscribe(keepHistory);
}

function keepHistory({ pastStates, futureStates }: Timeline): void {
  storeHistory({ past: pastStates, future: futureStates });
}

type Timeline = ReturnType<typeof useRecipe.temporal.getState>;

const set: typeof useRecipe.setState = (change) => useRecipe.setState(change);
const get = (): RecipeState => useRecipe.getState();

export function recipeOf(state: RecipeState): Recipe {
  const { name, seed, calibration } = state;
  return {
    version: 1,
    ...(name === undefined ? {} : { name }),
    seed,
    ...(calibration === undefined ? {} : { calibration }),
    steps: state.steps.map(({ method, target, options, disabled }) => ({
      method,
      target,
      options,
      ...(disabled === true ? { disabled } : {}),
    })),
  };
}

export function currentRecipe(): Recipe {
  return recipeOf(get());
}

export function loadRecipe(recipe: Recipe): void {
  set(stateOf(recipe));
}

function stateOf({ name, seed, calibration, steps }: Recipe): RecipeState {
  const editable = steps.map((step) => ({ ...step, key: newKey() }));
  const opened = editable.find(hasMuchToSet) ?? editable.at(0);
  return { name, seed, calibration, steps: editable, selected: opened?.key };
}

/** The step whose card is opened first is one with more than switches. */
function hasMuchToSet({ method }: EditableStep): boolean {
  const fields = methodCard(method)?.fields ?? [];
  return fields.some(({ kind, advanced }) => !advanced && kind !== 'boolean');
}

/** A changed recipe is no longer the preset it was taken from, and must not carry its name. */
const UNNAMED = { name: undefined } as const;

export function addStep(method: string, options: Step['options'], target: Target = 'all'): void {
  const step: EditableStep = { key: newKey(), method, target, options };
  set(({ steps }) => ({ ...UNNAMED, steps: [...steps, step], selected: step.key }));
}

export function updateStep(key: string, change: Partial<Omit<EditableStep, 'key'>>): void {
  set(({ steps }) => ({
    ...UNNAMED,
    steps: steps.map((step) => (step.key === key ? { ...step, ...change } : step)),
    selected: key,
  }));
}

export function setOption(key: string, option: string, value: unknown): void {
  const step = get().steps.find((candidate) => candidate.key === key);
  if (step === undefined || step.options[option] === value) return;
  updateStep(key, { options: { ...undecided(step), [option]: value } });
}

/** A step's options without what a run decided: with any other choice it would be decided otherwise. */
function undecided({ method, options }: EditableStep): EditableStep['options'] {
  const decided = methodCard(method)?.decided.map(({ name }) => name) ?? [];
  return Object.fromEntries(Object.entries(options).filter(([name]) => !decided.includes(name)));
}

/** Makes what a run decided void, so that the next one decides again. */
export function decideAgain(key: string): void {
  const step = get().steps.find((candidate) => candidate.key === key);
  if (step !== undefined) updateStep(key, { options: undecided(step) });
}

/** What a run decided becomes part of the recipe on the bench, as long as its steps are still the ones that ran. */
export function adoptDecisions(asked: Recipe, closed: Recipe): void {
  const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
  if (same(asked.steps, closed.steps) || !same(currentRecipe().steps, asked.steps)) return;
  const steps = get().steps.map((step, at) => ({ ...step, options: closed.steps[at].options }));
  set({ steps });
}

export function moveStep(key: string, by: number): void {
  const steps = [...get().steps];
  const from = steps.findIndex((step) => step.key === key);
  const to = Math.min(steps.length - 1, Math.max(0, from + by));
  if (from < 0 || from === to) return;
  steps.splice(to, 0, ...steps.splice(from, 1));
  set({ ...UNNAMED, steps });
}

export function duplicateStep(key: string): void {
  const copyKey = newKey();
  set(({ steps }) => ({
    ...UNNAMED,
    steps: steps.flatMap((step) => (step.key === key ? [step, { ...step, key: copyKey }] : [step])),
    selected: copyKey,
  }));
}

/** When the open card goes, the one that takes its place opens. */
export function removeStep(key: string): void {
  const { steps, selected } = get();
  const at = steps.findIndex((step) => step.key === key);
  const rest = steps.filter((step) => step.key !== key);
  const next = rest[Math.min(at, rest.length - 1)]?.key;
  set({ ...UNNAMED, steps: rest, selected: selected === key ? next : selected });
}

/** Opens a step's card, which closes the others; nothing to close all of them. */
export function selectStep(key: string | undefined): void {
  set({ selected: key });
}

/** Takes out an option that the method does not have. */
export function dropOption(key: string, option: string): void {
  const step = get().steps.find((candidate) => candidate.key === key);
  if (step === undefined) return;
  const kept = Object.entries(step.options).filter(([name]) => name !== option);
  updateStep(key, { options: Object.fromEntries(kept) });
}

export function nameRecipe(name: string): void {
  set({ name });
}

export function setSeed(seed: number): void {
  set({ seed });
}

export function setCalibration(calibration: Calibration | undefined): void {
  set({ calibration });
}

/** Other steps in place of these, as one change; those that had an identity keep it. */
export function replaceSteps(next: readonly (Step | EditableStep)[]): void {
  const { steps, selected } = get();
  if (next.length === steps.length && next.every((step, at) => step === steps[at])) return;
  const editable = next.map((step) => ('key' in step ? step : { ...step, key: newKey() }));
  const kept = editable.some(({ key }) => key === selected);
  set({ ...UNNAMED, steps: editable, selected: kept ? selected : editable[0]?.key });
}

/** Between these two, all changes of a slider count as one undo step. */
export function beginDrag(): void {
  useRecipe.temporal.getState().pause();
}

export function endDrag(): void {
  useRecipe.temporal.getState().resume();
}

export function undo(): void {
  useRecipe.temporal.getState().undo();
  storeBench();
}

export function redo(): void {
  useRecipe.temporal.getState().redo();
  storeBench();
}

/** The history changes the state behind the back of what stores it: any change at all makes it look. */
function storeBench(): void {
  set({});
}

function newKey(): string {
  return crypto.randomUUID();
}
