/** Has the editor on its way while a model is still being fetched or read: it is needed as soon as that is open. */
export function preloadStudio(): void {
  void import('./studio/studio-screen.tsx');
  void import('../recipe/registry-cards.ts');
}
