#!/bin/sh
# Beside the lab's PID 1, which sets up the rest: the guest agent, and somebody who writes to the file system on vdb.
until [ -e /bin/insmod ] && [ -e /proc/uptime ]; do /bin/busybox sleep 1; done
exec </dev/null >/dev/ttyS0 2>/dev/null
while read -r module; do insmod "/agent-modules/$module.ko"; done </agent-modules/all

until port=$(grep -lx org.qemu.guest_agent.0 /sys/class/virtio-ports/*/name); do sleep 1; done
port=${port%/name}
/usr/sbin/qemu-ga --method virtio-serial --path "/dev/${port##*/}" --statedir /run --pidfile /run/qemu-ga.pid &

until [ -b /dev/vdb ]; do sleep 1; done
mount -t ext4 /dev/vdb /data
count=0
while :; do
  count=$((count + 1))
  echo "$count" >/data/count && sync && echo "WROTE $count"
  sleep 1
done
