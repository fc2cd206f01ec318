// The same blocks as a synthesized stack has, by cdktf's base class alone: node plain.cjs <cdk.tf.json> <outdir>
const { readFileSync } = require('node:fs');
const { App, TerraformResource, TerraformStack } = require('cdktf');

class Block extends TerraformResource {
  constructor(scope, id, type, attributes) {
    super(scope, id, { terraformResourceType: type });
    this.attributes = attributes;
    this.overrideLogicalId(id);
  }
  synthesizeAttributes() {
    return this.attributes;
  }
}

const [file, outdir] = process.argv.slice(2);
const { resource } = JSON.parse(readFileSync(file, 'utf8'));
const app = new App({ outdir });
const stack = new TerraformStack(app, 'bench');
for (const [type, blocks] of Object.entries(resource)) {
  for (const [name, attributes] of Object.entries(blocks)) new Block(stack, name, type, attributes);
}
app.synth();
console.log(process.resourceUsage().maxRSS);
