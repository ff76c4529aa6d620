/** What a file shall come to: so many bytes, or so much lost, as a share. */
export type Aim = { readonly bytes: number } | { readonly loss: number };

/** How a method is told what the file shall come to, in place of how it is made. */
export interface Aims<Options = Readonly<Record<string, unknown>>> {
  /** What to set for it. */
  toward(aim: Aim): Readonly<Record<string, unknown>>;
  /** What the options aim at. */
  of(options: Options): Aim | undefined;
  /** What to set for the smallest file there can be, so that its size can be told before anything runs. */
  least(): Readonly<Record<string, unknown>>;
}
