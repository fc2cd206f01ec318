#!/bin/bash
# One libvirt host of the lab: lab/libvirt.ts starts it under `unshare --mount --uts` and `tini -s`.
# usage: host.sh FOLDER NAME, FOLDER being the host's own
set -eu
folder=$1 name=$2 keep=$(realpath "$(dirname "$0")/keep.sh")

hostname "$name.lab" # a dot spares libvirt a look-up by DNS
for place in etc/libvirt var/lib/libvirt var/log/libvirt var/cache/libvirt etc/ceph run; do
  mount --bind "$folder/$place" "/$place"
done
if [ -e /dev/kvm ]; then
  # A KVM that can be opened but not used makes libvirt probe QEMU anew at every call; an unwritable file hides it.
  mount --bind "$folder/no-kvm" /dev/kvm
  mount -o remount,bind,ro /dev/kvm
fi

"$keep" "$folder" virtlogd virtlogd &
"$keep" "$folder" libvirtd libvirtd &
trap 'kill %1 %2; wait; exit' TERM
wait
