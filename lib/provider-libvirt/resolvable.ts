/** What cdktf and cdktn call so: a value that is known when Terraform runs. Said without either, for the long generated types. */
export interface IResolvable {
  readonly creationStack: string[];
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as the interface of theirs has it
  resolve(context: any): any;
  toString(): string;
}
