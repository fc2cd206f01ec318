export * from './json';
export * from './markdown';
export * from './mermaid';
export * from './plan';
export * from './review';
export * from './text';
export * from './verdict';
