export * from './audit.ts';
export * from './console.ts';
export * from './hostkey.ts';
export * from './launch.ts';
export * from './machine.ts';
export * from './problem.ts';
export * from './session.ts';
export * from './status.ts';
