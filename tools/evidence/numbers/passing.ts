/** Checks that are another process's turn are passed over: nothing is run for them. */
let passing = false;

export function passOver(now: boolean): void {
  passing = now;
}

export function passesOver(): boolean {
  return passing;
}
