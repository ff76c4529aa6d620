import { describe, expect, it } from 'vitest';
import { breathe } from './breathe.ts';

describe('breathe', () => {
  it('lets a waiting task in, which awaiting finished work does not', async () => {
    let heard = false;
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      heard = true;
      port1.close();
    };
    port2.postMessage('cancel');
    for (let i = 0; i < 1000; i++) await Promise.resolve();
    expect(heard).toBe(false);
    for (let i = 0; i < 3 && !heard; i++) await breathe();
    expect(heard).toBe(true);
  });
});
