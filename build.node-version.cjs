// The first lines of the bundle, in the language of any Node: Debian 12 brings Node 18, Ubuntu 22.04 Node 12.
var nodeVersion = process.versions.node.split('.').map(Number);
if (nodeVersion[0] < 20 || (nodeVersion[0] === 20 && nodeVersion[1] < 19)) {
  process.stderr.write(
    'cdktf-libvirt-ceph needs Node.js 20.19 or later as "node" where Terraform runs, found ' +
      process.versions.node +
      ' (' +
      process.execPath +
      '); install it, or put it first in PATH\n',
  );
  process.exit(1);
}
