export * from './address';
export * from './command-resource';
export * from './owner';
export * from './registry';
export * from './text';
