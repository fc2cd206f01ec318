/** A file that the build takes in as text. */
declare module '*.py' {
  const text: string;
  export default text;
}
