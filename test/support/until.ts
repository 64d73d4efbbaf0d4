export { waitUntil as until, type WaitOptions } from '../../server/demo/wait-until.ts';
