import { useEffect } from 'react';
import { create } from 'zustand';
import { toStudioError } from '../../../../../../workers/errors.ts';
import type { Amount, InputProfile, StudioError } from '../../../../../../workers/protocol.ts';
import { clients } from '../../../../client/clients.ts';
import { useModel } from '../../../../state/model-store.ts';
import { useRecipe } from '../../../../state/recipe-store.ts';
import { calibrationSubject } from '../../../../state/calibration-subject.ts';
import type { Shown } from '../use-preview.ts';

interface Inputs {
  /** Model and data that somebody wants to look at; layers that are shown later are looked at, too. */
  readonly subject?: string;
  readonly profile?: InputProfile;
  /** 0…1, while data is running. */
  readonly fraction?: number;
  readonly error?: StudioError;
}

/** What is known of the inputs of the layer on screen. */
export const useInputs = create<Inputs>()(() => ({}));

/** From now on the inputs of every layer on screen are looked at. */
export function lookAtInputs(): void {
  const subject = calibrationSubject();
  if (subject !== undefined) useInputs.setState({ subject }, true);
}

export function stopInputs(): void {
  clients().engine.stopInputs();
  useInputs.setState({}, true);
}

/** Asks about the layer and the step on screen whenever they change, once somebody wanted to know. */
export function useAskInputs({ layer, step, targeted, measured }: Shown): void {
  const subject = useInputs((state) => state.subject);
  const current = useModel(calibrationSubject);
  const asked = subject !== undefined && subject === current;
  const { samples, length } = useRecipe((state) => state.calibration) ?? {};
  const seed = useRecipe((state) => state.seed);
  const name = layer?.name;
  const trial = measured.file && measured.trial?.id;
  const { method, target, options } = (targeted ? step : undefined) ?? {};
  useEffect(() => {
    if (!asked || name === undefined) return undefined;
    let wanted = true;
    const amount: Amount | undefined =
      samples === undefined || length === undefined ? undefined : { samples, length, seed };
    const about =
      method === undefined || target === undefined || options === undefined
        ? {}
        : { step: { method, target, options } };
    const told = (change: Partial<Inputs>): void => {
      if (wanted) useInputs.setState(change);
    };
    const question = { layer: name, ...about, ...(amount && { amount }), ...(trial && { trial }) };
    clients()
      .engine.inputProfile({ question, onProgress: (fraction) => told({ fraction }) })
      .then((profile) => {
        if (profile !== undefined) told({ profile, fraction: undefined, error: undefined });
      })
      .catch((thrown: unknown) => {
        const error = toStudioError(thrown);
        told({
          profile: undefined,
          fraction: undefined,
          ...(error.code !== 'cancelled' && { error }),
        });
      });
    return () => void (wanted = false);
  }, [asked, name, method, target, options, samples, length, seed, trial]);
}
