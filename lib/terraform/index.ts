export * from './address';
export * from './command-resource';
export * from './owner';
export * from './registry';
export * from './text';
export * from './index-of-stack';
export * from './brand';
export * from './mark-text';
