import { create } from 'zustand';

/** Data that is being read, by its purpose: what it is called, and how far it is. */
export interface Reading {
  readonly name: string;
  /** 0…1. */
  readonly fraction: number;
}

export type DataReading = Readonly<Partial<Record<'calibration' | 'evaluation', Reading>>>;

export const useDataReading = create<{ readonly readings: DataReading }>()(() => ({
  readings: {},
}));

/** No reading where it is over. */
export function showReading(purpose: keyof DataReading, reading: Reading | undefined): void {
  useDataReading.setState(({ readings }) => ({ readings: { ...readings, [purpose]: reading } }));
}
