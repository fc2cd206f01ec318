export * from './json';
export * from './markdown';
export * from './mermaid';
export * from './parse-plan';
export * from './plan';
export * from './review';
export * from './terminal-text';
export * from './verdict';
