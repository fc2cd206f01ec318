import type { DiskAttachmentSpec } from '../../model';
import { diskXml } from '../../render/domain/disk-xml';
import { element, renderXml } from '../../render/xml';
import { virsh } from '../commands';
import { comparableOf, type Part, type Comparable } from '../domain/compared-fields';
import type { Fields } from '../domain/device-fields';
import type { ObservedDomain } from '../domain/observed-domain';
import { refuseAttachingOpenImage } from '../wait-for-free-images';
import { differs, fine, OK, type Judgement, type Step } from '../step';
import { refuseAltered } from './refuse-altered-disk';
import { attachmentByHand } from './runbook-lines';
import { attachmentAlias } from './attachment-mark';
import type { AttachmentWorld } from './lookup';

/** The disk is in the definition as the spec wants it, and in the running VM. */
export const attached: Step<DiskAttachmentSpec, AttachmentWorld> = {
  name: 'attach it',
  describe: (spec) => attachmentByHand(spec, deviceXml(spec)),
  judge(spec, { found }) {
    if (found === undefined) return differs('the VM does not exist');
    const { defined, running } = observations(spec, found);
    if (!defined.ok) return defined;
    return running.ok || 'missing' in running ? running : fine({ say: atNextBoot(spec, running) });
  },
  async act(spec, { found }, tools) {
    if (found === undefined) return;
    refuseAltered(spec, found);
    const { defined, running } = observations(spec, found);
    const input = deviceXml(spec);
    const device = (verb: string, where: string) =>
      tools.run(virsh(spec.host, verb, spec.domain, '/dev/stdin', where), { input });
    const attachLive = !running.ok && 'missing' in running;
    // Whoever starts the VM next opens what is defined. So nobody else may have the image open, which can only be
    // checked now.
    if (attachLive || !hasImage(found, spec)) await refuseAttachingOpenImage(spec.cluster, spec.disk, tools);
    // The persistent definition first: if the VM stops in between, it has the disk at its next boot.
    if (!defined.ok && !('missing' in defined)) {
      await tools.run(virsh(spec.host, 'detach-disk', spec.domain, spec.target, '--config'));
    }
    if (!defined.ok) await device('attach-device', '--config');
    if (attachLive) await device('attach-device', '--live');
    else if (!running.ok) tools.say(atNextBoot(spec, running));
  },
};

function atNextBoot({ domain, target }: DiskAttachmentSpec, { differs }: { readonly differs: string }): string {
  return `disk ${target} of VM '${domain}': ${differs}; it takes effect at the VM's next boot`;
}

type Look =
  Extract<Judgement, { ok: true }> | { readonly ok: false; readonly differs: string; readonly missing?: true };

function observations(spec: DiskAttachmentSpec, found: ObservedDomain): { defined: Look; running: Look } {
  const defined = found.persistent ? look(spec, comparableOf(found.definition), "the VM's definition") : OK;
  return { defined, running: found.live ? look(spec, comparableOf(found.live), 'the running VM') : OK };
}

function look(spec: DiskAttachmentSpec, view: Comparable, where: string): Look {
  const disk = view.disks.get(spec.target);
  if (disk === undefined) return { ok: false, differs: `it is not in ${where}`, missing: true };
  const wanted = wantedFields(spec);
  const field = Object.keys(wanted).find((one) => wanted[one] !== disk.fields[one]);
  if (field === undefined) return OK;
  const is = `${field} is ${disk.fields[field] ?? 'none'}, not ${wanted[field] ?? 'none'}`;
  return { ok: false, differs: `in ${where}, ${is}` };
}

/** The VM runs with the image, so it is the VM itself that has it open. */
function hasImage({ live }: ObservedDomain, { disk }: DiskAttachmentSpec): boolean {
  return (
    live !== undefined && [...comparableOf(live).disks.values()].some(({ fields }) => fields['image'] === disk.image)
  );
}

function device(spec: DiskAttachmentSpec) {
  const place = { target: spec.target, alias: attachmentAlias(spec.owner, spec.target), boot: spec.disk.bootIndex };
  return diskXml(place, spec.disk, spec);
}

function deviceXml(spec: DiskAttachmentSpec): string {
  return renderXml(device(spec));
}

function wantedFields(spec: DiskAttachmentSpec): Fields {
  const view = comparableOf(element('domain', {}, element('devices', {}, device(spec))));
  return (view.disks.get(spec.target) as Part).fields;
}
