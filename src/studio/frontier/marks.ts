/** Something with a size and no measured quality: a mark on the size axis. */
export interface AxisMark {
  readonly id: string;
  readonly bytes: number;
  readonly text: string;
  readonly accent?: boolean;
  /** The point that it has become, or is becoming. */
  readonly becomes?: string;
}
