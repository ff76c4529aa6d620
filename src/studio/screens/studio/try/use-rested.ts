import { useEffect, useState } from 'react';

const REST_MS = 150;

/** False until a component has been there for a moment: what is scrolled past asks nothing. */
export function useRested(after = REST_MS): boolean {
  const [rested, setRested] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setRested(true), after);
    return () => clearTimeout(timer);
  }, [after]);
  return rested;
}
