import { SPEC_VARIABLE } from '../model';

/** Other registry entries of an object, by name. Their ids are a member of its spec. */
export interface OtherEntries {
  readonly member: string;
  readonly byName: { readonly [name: string]: { readonly entryId: string } };
}

/** What only the script gets: no plan shows it. */
interface Hidden {
  readonly entries?: OtherEntries;
  /** Members of the spec, as expressions. */
  readonly secrets?: { readonly [name: string]: string };
}

/** The JSON that the script reads; `spec` is a Terraform expression for the spec as an object. */
export function environmentWith(spec: string): { readonly [variable: string]: string } {
  return { [SPEC_VARIABLE]: `\${jsonencode(${spec})}` };
}

/** A Terraform expression: the spec with what only the script gets. */
export function withHiddenMembers(spec: string, { entries, secrets }: Hidden): string {
  const ids = Object.entries(entries?.byName ?? {}).map(([name, { entryId }]) => [name, bare(entryId)] as const);
  const members = [
    ...(entries && ids.length > 0 ? [[entries.member, mapOf(ids)] as const] : []),
    ...Object.entries(secrets ?? {}),
  ];
  return members.length === 0 ? spec : `merge(${spec}, ${mapOf(members)})`;
}

/** The expression in "${...}". */
export function bare(interpolation: string): string {
  return interpolation.slice(2, -1);
}

function mapOf(members: readonly (readonly [name: string, expression: string])[]): string {
  return `{ ${members.map(([name, expression]) => `${name} = ${expression}`).join(', ')} }`;
}
