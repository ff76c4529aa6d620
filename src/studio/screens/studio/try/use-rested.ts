import { useEffect, useState } from 'react';

const REST_MS = 150;

/** False until a component has been there for a moment: what is scrolled past asks nothing. */
export function useRested(): boolean {
  const [rested, setRested] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setRested(true), REST_MS);
    return () => clearTimeout(timer);
  }, []);
  return rested;
}
