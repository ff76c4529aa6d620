import type { CacheChange } from '../../../../core/cache/model-ports.ts';
import { formatBytes } from '../../../format/format.ts';
import { resultText } from '../../../strings/en-result.ts';
import { Fact } from './fact.tsx';

/** What a recipe makes of a decoder's cache: it is in no file size. */
export function CacheFact({ cache }: { cache?: CacheChange }) {
  if (cache === undefined) return null;
  return (
    <Fact name={resultText.cache} help={resultText.cacheHelp}>
      {formatBytes(cache.before)} → {formatBytes(cache.after)}
    </Fact>
  );
}
