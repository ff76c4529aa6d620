/** The links that lead past what is the same on every screen, and past the recipe. */
export const skip = {
  page: 'Skip',
  studio: 'Skip within the Studio',
  content: 'Skip to the screen',
  run: 'Skip to Run',
  result: 'Skip to Result',
};
