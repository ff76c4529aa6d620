/**
 * The page's security policy forbids `eval`; zod otherwise tries it once and the browser reports a
 * violation. Import this before any module that holds schemas.
 */
import { z } from 'zod';

z.config({ jitless: true });
