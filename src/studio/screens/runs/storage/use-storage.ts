import { useQuery } from '@tanstack/react-query';
import { clients } from '../../../client/clients.ts';
import { whenIdle } from '../../../client/when-idle.ts';

/** What this browser keeps, counted when there is time. */
export function useStorage() {
  return useQuery({
    queryKey: ['storage'],
    queryFn: async () => {
      await whenIdle();
      return clients().engine.storage();
    },
  });
}
