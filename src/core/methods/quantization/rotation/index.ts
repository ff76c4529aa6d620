export { rotation as method } from './rotation.ts';
