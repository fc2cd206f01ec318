#!/bin/sh
# PID 1 of the lab's guest (busybox). What it sees goes to the serial console, one fact a line; docs/lab.md lists them.
/bin/busybox --install -s /bin
mount -t devtmpfs dev /dev
exec </dev/null >/dev/ttyS0 2>/dev/null
mount -t proc proc /proc
mount -t sysfs sysfs /sys
grep -q guest.stubborn /proc/cmdline && stubborn=yes

load() { while read -r module; do insmod "/modules/$module.ko"; done <"/modules/$1"; }

power_button() {
  event=$(sed -n '/Name="Power Button"/,/^$/s/.*Handlers=.*\(event[0-9]*\).*/\1/p' /proc/bus/input/devices | head -n1)
  dd if="/dev/input/$event" of=/dev/null bs=24 count=1
  echo "POWER BUTTON"
  [ "$stubborn" ] || { sync; poweroff -f; }
}

bus_of() {
  path=$(readlink -f "/sys/block/$1")
  case $path in
    */usb*) echo usb ;;
    */ata*) case $(cat "${path%%/ata*}/class") in 0x0101*) echo ide ;; *) echo sata ;; esac ;;
    */virtio*/host*) echo scsi ;;
    */virtio*) echo virtio ;;
    *) echo other ;;
  esac
}

serial_of() {
  cat "/sys/block/$1/serial" || tail -c +5 "/sys/block/$1/device/vpd_pg80" | tr -d ' \000' || true
}

facts() {
  for cpu in /sys/devices/system/cpu/cpu[0-9]*/online; do
    read -r online <"$cpu" && [ "$online" = 0 ] && echo 1 >"$cpu"
  done
  echo "CPUS $(grep -c ^processor /proc/cpuinfo)"
  echo "MEMORY $(sed -n 's/^MemTotal: *\([0-9]*\) .*/\1/p' /proc/meminfo) KiB"
  for disk in $(ls /sys/block); do
    case $disk in loop* | ram* | fd*) continue ;; esac
    echo "DISK $disk SIZE $(($(cat "/sys/block/$disk/size") * 512)) BUS $(bus_of "$disk") SERIAL $(serial_of "$disk")"
  done
  for nic in $(ls /sys/class/net); do
    [ "$nic" = lo ] || echo "NIC $nic MAC $(cat "/sys/class/net/$nic/address")"
  done
}

first_sector() { dd if="/dev/$1" bs=512 count=1 | tr -cd ' -~' | cut -c1-60; }

# A blank data disk gets a canary, so that a later boot shows whether its data lived on. Ours has a count of boots too.
look_into() {
  case $1 in sr*) cloud_init "$1"; return ;; esac
  first=$(first_sector "$1")
  echo "DISK $1 FIRST $first"
  if [ -z "$first" ] && [ "$(dd if="/dev/$1" bs=512 count=1 | tr -d '\000' | wc -c)" = 0 ] && [ "$(cat "/sys/block/$1/ro")" = 0 ]; then
    id=$(tr -d - </proc/sys/kernel/random/uuid)
    echo "CANARY $id" | dd of="/dev/$1" bs=512 conv=sync,fsync
    first=$(first_sector "$1")
    echo "DISK $1 FIRST $first"
  fi
  case $first in
    CANARY*) count_boot "$1" ;;
    *SYSLINUX*) count_root_boot "$1" ;;
    *) cloud_init "$1" ;;
  esac
}

count_boot() {
  count=$(($(dd if="/dev/$1" bs=512 skip=1 count=1 | tr -cd 0-9) + 1))
  echo "$count" | dd of="/dev/$1" bs=512 seek=1 conv=sync,fsync
  echo "DISK $1 BOOTS $count"
}

count_root_boot() {
  mount -t vfat "/dev/$1" /mnt || return
  count=$(($(cat /mnt/boots || echo 0) + 1))
  echo "$count" >/mnt/boots
  umount /mnt
  sync
  echo "DISK $1 BOOTS $count"
}

cloud_init() {
  mount -t iso9660 -o ro "/dev/$1" /mnt || return
  for file in /mnt/*; do
    sed "s/^/CIDATA ${file#/mnt/}: /" "$file"
    echo
  done
  umount /mnt
}

load first
power_button &
echo
echo "GUEST UP after $(cut -d' ' -f1 /proc/uptime) s"
load rest
seen=
while :; do
  facts >/now
  [ -e /before ] && grep -vxFf /now /before | sed 's/^/GONE /'
  { [ -e /before ] && grep -vxFf /before /now; } || { [ -e /before ] || cat /now; }
  mv /now /before
  for disk in $(sed -n 's/^DISK \([^ ]*\) .*/\1/p' /before); do
    case "$seen " in *" $disk "*) ;; *) seen="$seen $disk"; look_into "$disk" ;; esac
  done
  still=
  for disk in $seen; do [ -e "/sys/block/$disk" ] && still="$still $disk"; done
  seen=$still
  sleep 1
done
