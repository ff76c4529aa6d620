/** The links that lead past what is the same on every screen. */
export const skip = {
  title: 'Skip',
  content: 'Skip to the screen',
  run: 'Skip to Run',
  result: 'Skip to Result',
};
