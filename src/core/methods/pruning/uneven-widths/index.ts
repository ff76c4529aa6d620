export { unevenWidths as method } from './uneven-widths.ts';
