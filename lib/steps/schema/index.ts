/**
 * Describes the JSON that the scripts receive, in a few words of a well-known library (zod). zod itself takes as long
 * to load as all the rest of a script, and every object of an apply starts one.
 */
export * from './object';
export { type Issue, Schema, ShapeError } from './schema';
export * from './values';
