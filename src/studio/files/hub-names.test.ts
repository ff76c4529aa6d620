import { describe, expect, it } from 'vitest';
import { unreadable } from './hub-names.ts';

describe('a reference that names no place', () => {
  it('is a known model without its organisation: the full name is suggested', () => {
    const { code, message, details } = unreadable('GPT2');
    expect(code).toBe('reference-unreadable');
    expect(message).toBe(
      '“GPT2” lacks its organisation. On Hugging Face it is openai-community/gpt2.',
    );
    expect(details).toEqual({ suggestion: 'openai-community/gpt2' });
  });

  it('is one word that is not known: the form is shown', () => {
    const { message, details } = unreadable('nanobert');
    expect(message).toBe(
      '“nanobert” lacks its organisation: repositories on Hugging Face are called organisation/name, as in onnx-community/nanobert. Look up who publishes it, or drop a file.',
    );
    expect(details?.['suggestion']).toBeUndefined();
  });

  it('is something else', () => {
    expect(unreadable('http://example.com/model.onnx').message).toBe(
      '“http://example.com/model.onnx” is neither an https address nor a Hugging Face repository (organisation/name). Paste one of those, or drop a file.',
    );
    expect(unreadable('constructor').details?.['suggestion']).toBeUndefined();
  });
});
