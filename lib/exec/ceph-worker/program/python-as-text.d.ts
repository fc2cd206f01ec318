/** A file that the build includes as text. */
declare module '*.py' {
  const text: string;
  export default text;
}
