/**
 * Describes the JSON that the scripts are given, in a few words of a well-known library (zod), which alone takes as
 * long to load as all the rest of a script: every object of an apply starts one.
 */
export * from './object';
export { type Issue, Schema, ShapeError } from './schema';
export * from './values';
