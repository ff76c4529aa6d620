import { describe, expect, it } from 'vitest';

describe('the browser the other tests run in', () => {
  it('is cross-origin isolated, so WASM may use threads', () => {
    expect(crossOriginIsolated).toBe(true);
  });

  it('has a WebGPU adapter that really answers', async () => {
    const adapter = await navigator.gpu.requestAdapter();
    expect(adapter).not.toBeNull();
  });
});
