import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Plans that Terraform made, `terraform show -json`, without what carries no information: see `reduced`. */
export const PLANS = join(__dirname, '../fixtures/plans');

export type Json = any;

/** The names of all recorded plans, 'virsh-memory'. */
export function planNames(): string[] {
  return readdirSync(PLANS)
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.replace(/\.json$/, ''))
    .sort();
}

/** One plan as Terraform made it; what does not change is stored only once in the file. */
export function planOf(name: string): Json {
  const plan = JSON.parse(readFileSync(join(PLANS, `${name}.json`), 'utf8'));
  for (const one of plan.resource_changes ?? []) {
    if (one.change.actions[0] === 'no-op') one.change.after ??= one.change.before;
  }
  return plan;
}

/**
 * A plan as a fixture contains it: one line per resource, without paths and ids of the machine that made it, and
 * without lists of nulls.
 */
export function planFile(plan: Json): string {
  const small = JSON.parse(scrubbed(JSON.stringify(reduced(plan))));
  const rows = (list: Json[] = []): string => list.map((one) => `\n    ${JSON.stringify(one)}`).join(',');
  const { resource_changes, resource_drift, configuration, ...head } = small;
  const parts = Object.entries(head).map(([name, value]) => `\n  ${JSON.stringify(name)}: ${JSON.stringify(value)}`);
  parts.push(`\n  "resource_changes": [${rows(resource_changes)}\n  ]`);
  if (resource_drift) parts.push(`\n  "resource_drift": [${rows(resource_drift)}\n  ]`);
  parts.push(`\n  "configuration": {"root_module": {"resources": [${rows(configuration.root_module.resources)}\n  ]}}`);
  return `{${parts.join(',')}\n}\n`;
}

function reduced(plan: Json): Json {
  const { format_version, terraform_version, applyable, complete, errored, output_changes } = plan;
  const own = (one: Json): boolean => one.change.actions[0] === 'no-op' && /_(confirmed|started)$/.test(one.address);
  const changes = (list: Json[] | undefined): Json[] | undefined =>
    list?.filter((one) => !own(one)).map((one) => ({ ...one, change: reducedChange(one.change) }));
  const resources = (plan.configuration.root_module.resources ?? []).map(
    ({ address, provisioners, expressions }: Json) => {
      const references = entriesOf(expressions?.triggers_replace?.references ?? []);
      return {
        address,
        ...(provisioners ? { provisioners: provisioners.map(reducedProvisioner) } : {}),
        ...(references.length > 0 ? { expressions: { triggers_replace: { references } } } : {}),
      };
    },
  );
  return {
    format_version,
    terraform_version,
    applyable,
    complete,
    errored,
    ...(output_changes ? { output_changes } : {}),
    resource_changes: changes(plan.resource_changes),
    resource_drift: changes(plan.resource_drift),
    configuration: { root_module: { resources } },
  };
}

function reducedProvisioner({ type, expressions }: Json): Json {
  const command = expressions?.command?.constant_value?.replace(/[0-9A-F]{32}/, 'HASH');
  return { type, expressions: { command: { constant_value: command } } };
}

/** The addresses of registry entries. */
function entriesOf(references: readonly string[]): string[] {
  return references.filter((one) => /\["[^"]*"\]\.id$/.test(one));
}

function reducedChange(change: Json): Json {
  const { before, after, ...rest } = change;
  if (change.actions[0] === 'no-op') return { actions: change.actions, before: unchanged(before) };
  return { ...rest, before: withoutNulls(before), after: withoutNulls(after) };
}

/** For what stays unchanged: what identifies it, and what it uses. */
function unchanged(before: Json): Json {
  const { id, name, input, triggers_replace: fields } = before ?? {};
  const part = (from: Json, ...members: string[]): Json =>
    from && Object.fromEntries(members.filter((one) => from[one] != null).map((one) => [one, from[one]]));
  const disks = fields?.disks && {
    disks: Object.fromEntries(
      Object.entries(fields.disks).map(([target, disk]: Json) => [target, part(disk, 'image')]),
    ),
  };
  return JSON.parse(
    JSON.stringify({
      id,
      name,
      input: part(input, 'v', 'owner', 'removalPolicy'),
      triggers_replace: fields?.entryId && { ...part(fields, 'entryId', 'source', 'running'), ...disks },
    }),
  );
}

function withoutNulls(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const set = Object.entries(value).filter(([, member]) => member !== null && !isEmptyTree(member));
  return Object.fromEntries(set.map(([name, member]) => [name, withoutNulls(member)]));
}

function isEmptyTree(value: Json): boolean {
  if (value === null) return true;
  if (typeof value !== 'object' || Array.isArray(value)) return false;
  return Object.keys(value).length > 0 && Object.values(value).every(isEmptyTree);
}

const UUID = /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g;

function scrubbed(text: string): string {
  const ids = new Map<string, string>();
  const idOf = (id: string): string => {
    const known = ids.get(id) ?? `00000000-0000-4000-8000-${String(ids.size + 1).padStart(12, '0')}`;
    ids.set(id, known);
    return known;
  };
  return text
    .replace(UUID, idOf)
    .replace(/\/var\/tmp\/[^"?]*?\/ceph[^"?]*\.conf/g, '/etc/ceph/ceph.conf')
    .replace(/qemu(?:\+unix)?:\/\/\/system\?socket=[^"]*/g, 'qemu+ssh://root@kvm1/system')
    .replace(/"name":"127\.0\.0\.1","port":"\d+"/g, '"name":"10.0.0.11","port":"6789"')
    .replace(/"monitors":\["[^\]]*\]/g, '"monitors":["10.0.0.11","10.0.0.12"]');
}
