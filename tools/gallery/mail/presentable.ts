/**
 * Spam is what it is. What is shipped as an example, and stands on a screen before anyone asked for it,
 * is not to be the obscene part of it.
 */
const OBSCENE =
  /\b(?:xxx|adult|nude|naked|erotic|fuck|shit|bitch|slut|whore|pussy|cock|cocks|dick|penis|cum|cumshots?|tits|boobs|orgy|orgasm|horny|lesbian|teens?|virgins?|hardcore|bestiality|rape|incest|viagra|fetish)\b|porn|fuck|\bsex/i;

/** Whether a text can be shown to a class. */
export function isPresentable(text: string): boolean {
  return !OBSCENE.test(text);
}
