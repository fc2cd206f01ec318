import { find, type XmlElement } from '../../render/xml';
import { layersBelow, sourceText } from './disk-source';
import { virshLine } from '../commands';
import type { ComparedVm, Alteration } from './alteration';

/** libvirt is copying the disk to another place, or merging an overlay into it. */
export function blockJob(vm: ComparedVm, disk: XmlElement, target: string): Alteration | undefined {
  const mirror = find(disk, 'mirror');
  if (mirror === undefined) return undefined;
  const job = mirror.attributes['job'] ?? 'copy';
  const line = (option: string): string => virshLine(vm.host, 'blockjob', vm.name, target, option);
  if (job === 'active-commit') {
    return {
      target,
      problem: `is being merged into ${sourceText(mirror)} (a block commit that is not pivoted)`,
      next: `finish it with '${line('--pivot')}', then try again`,
    };
  }
  const to = sourceText(mirror);
  return {
    target,
    problem: `is being copied to ${to} (a block job, '${job}')`,
    next: `wait until that has ended, or abort it with '${line('--abort')}', then try again`,
  };
}

/** An external snapshot put an overlay over what the disk was given. */
export function overlay(vm: ComparedVm, disk: XmlElement, target: string): Alteration | undefined {
  const below = layersBelow(disk);
  if (below.length === 0) return undefined;
  return {
    target,
    problem: `is the overlay ${sourceText(disk)} over ${below.map(sourceText).join(' over ')} (an external snapshot), which alone holds what the guest has written since`,
    next: `merge it with '${mergeLine(vm, target)}', then try again`,
  };
}

/** libvirt merges only while QEMU has the disk open: a VM that is off is started paused for that. */
function mergeLine(vm: ComparedVm, target: string): string {
  const merge = virshLine(vm.host, 'blockcommit', vm.name, target, '--active', '--pivot');
  if (vm.active) return merge;
  return `${virshLine(vm.host, 'start', '--paused', vm.name)} && ${merge} && ${virshLine(vm.host, 'destroy', vm.name)}`;
}
