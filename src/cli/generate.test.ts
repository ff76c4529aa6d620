import { describe, expect, it, vi } from 'vitest';
import { generate } from './commands/generate.ts';

async function printed(...argv: string[]): Promise<string> {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    await generate(argv, new AbortController().signal);
    return write.mock.calls.map(([text]) => String(text)).join('');
  } finally {
    write.mockRestore();
  }
}

describe('lathe generate', () => {
  it('writes what the model writes behind the prompt, each token the likeliest', async () => {
    const given = ['sample:stories', '--prompt', 'Once upon a time', '--tokens', '12'];
    const text = await printed(...given);
    expect(text).toMatch(/^Once upon a time, there was a little/);
    const json = JSON.parse(await printed(...given, '--json')) as { prompt: string; text: string };
    expect(`${json.prompt}${json.text}\n`).toBe(text);
  });

  it('draws the same text again from the same seed', async () => {
    const drawn = (seed: string) =>
      printed('sample:stories', '--prompt', 'Lily', '--tokens', '40', '--seed', seed);
    expect(await drawn('1')).toBe(await drawn('1'));
    expect(await drawn('2')).not.toBe(await drawn('1'));
  });

  it('refuses what predicts no tokens, and an empty prompt', async () => {
    await expect(printed('sample:mail', '--prompt', 'x')).rejects.toThrow(
      'The model "mail" is not a language model (its task is classifier), so it cannot continue a text; take one that predicts tokens.',
    );
  });
});
