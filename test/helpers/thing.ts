import { Construct } from 'constructs';
import { CommandResource, Registry } from '../../lib/terraform';

/** The smallest construct of ours: an object with its entry, in a registry of its own if none is given. */
export class Thing extends Construct {
  constructor(scope: Construct, id: string, fields: object, context: object = {}, registry?: Registry) {
    super(scope, id);
    const things =
      registry ?? new Registry(this, 'registry', { logicalId: `${id}_things`, kind: 'disk', after: () => [] });
    new CommandResource(this, {
      kind: 'disk',
      entry: things.add(`vm/${id}`, () => ({ name: id })),
      fields: () => fields,
      context: () => context,
      after: () => [],
    });
  }
}
