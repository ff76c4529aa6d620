export { activationSvd as method } from './activation-svd.ts';
