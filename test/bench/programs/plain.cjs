// The same blocks as a synthesized stack has, by cdktf's base classes alone: node plain.cjs <cdk.tf.json> <outdir>
const { readFileSync } = require('node:fs');
const { App, TerraformLocal, TerraformResource, TerraformStack } = require('cdktf');

class Block extends TerraformResource {
  constructor(scope, id, type, attributes) {
    super(scope, id, { terraformResourceType: type });
    this.attributes = attributes;
    this.overrideLogicalId(id);
  }
  // Not by synthesizeAttributes, over which cdktf lays its own, unset for_each, depends_on and provisioner.
  toTerraform() {
    const { resource } = super.toTerraform();
    const set = Object.entries(resource[this.terraformResourceType][this.friendlyUniqueId]);
    const own = Object.fromEntries(set.filter(([, value]) => value !== undefined));
    return { resource: { [this.terraformResourceType]: { [this.friendlyUniqueId]: { ...this.attributes, ...own } } } };
  }
}

const [file, outdir] = process.argv.slice(2);
const { resource, locals = {} } = JSON.parse(readFileSync(file, 'utf8'));
const app = new App({ outdir });
const stack = new TerraformStack(app, 'bench');
for (const [type, blocks] of Object.entries(resource)) {
  for (const [name, attributes] of Object.entries(blocks)) new Block(stack, name, type, attributes);
}
for (const [name, value] of Object.entries(locals))
  new TerraformLocal(stack, `local-${name}`, value).overrideLogicalId(name);
app.synth();
console.log(process.resourceUsage().maxRSS);
