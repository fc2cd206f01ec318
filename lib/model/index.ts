export * from './amounts';
export * from './connection';
export * from './kinds';
export * from './monitors';
export * from './specs';
export * from './uuid';
export * from './xml-fragment';
export * from './uri';
