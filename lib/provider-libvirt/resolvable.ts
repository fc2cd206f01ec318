/**
 * A value that is known only when Terraform runs, as cdktf and cdktn define it. Declared without either, for the long
 * generated types.
 */
export interface IResolvable {
  readonly creationStack: string[];
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as in the toolkits' own interface
  resolve(context: any): any;
  toString(): string;
}
