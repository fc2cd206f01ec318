#!/bin/sh
# PID 1 of the lab's guest (busybox). What it sees goes to the serial console, one fact a line; docs/lab.md lists them.
/bin/busybox --install -s /bin
mount -t devtmpfs dev /dev
exec </dev/null >/dev/ttyS0 2>/dev/null
mount -t proc proc /proc
mount -t sysfs sysfs /sys

load() { while read -r module; do insmod "/modules/$module.ko"; done <"/modules/$1"; }

power_button() {
  dd of=/dev/null bs=24 count=1 <&4
  echo "POWER BUTTON"
  sync
  poweroff -f
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
  path=$(readlink -f "/sys/block/$1")
  case $path in
    */usb*) cat "${path%/*:1.0/*}/serial" ;;
    *) cat "/sys/block/$1/serial" || tail -c +5 "/sys/block/$1/device/vpd_pg80" | tr -d ' \000' ;;
  esac
}

# Runs again and again, so it is made of what the shell can do without a process of its own.
facts() {
  count=0
  for cpu in /sys/devices/system/cpu/cpu[0-9]*; do
    [ -e "$cpu/online" ] && read -r online <"$cpu/online" && [ "$online" = 0 ] && echo 1 >"$cpu/online"
    count=$((count + 1))
  done
  echo "CPUS $count"
  read -r _ memory _ </proc/meminfo
  echo "MEMORY $memory KiB"
  for path in /sys/block/*; do
    disk=${path##*/}
    case $disk in loop* | ram* | fd*) continue ;; esac
    [ -e "/seen/$disk" ] || echo "BUS $(bus_of "$disk") SERIAL $(serial_of "$disk")" >"/seen/$disk"
    read -r fixed <"/seen/$disk"
    case $fixed in 'BUS scsi'*) echo 1 >"$path/device/rescan" ;; esac # a SCSI disk that grew is not looked at otherwise
    read -r sectors <"$path/size"
    echo "DISK $disk SIZE $((sectors * 512)) $fixed"
  done
  for path in /sys/class/net/*; do
    [ "${path##*/}" = lo ] || { read -r mac <"$path/address" && echo "NIC ${path##*/} MAC $mac"; }
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
    echo "CIDATA ${file#/mnt/} SHA256 $(sha256sum <"$file" | cut -d' ' -f1)"
  done
  umount /mnt
}

look_into_new() {
  for seen in /seen/*; do
    disk=${seen##*/}
    if [ ! -e "/sys/block/$disk" ]; then
      rm -f "$seen" "/looked/$disk"
    elif [ ! -e "/looked/$disk" ]; then
      : >"/looked/$disk"
      look_into "$disk"
    fi
  done
}

mkdir /seen /looked
load first
event=$(sed -n '/Name="Power Button"/,/^$/s/.*Handlers=.*\(event[0-9]*\).*/\1/p' /proc/bus/input/devices | head -n1)
if [ -e "/dev/input/$event" ]; then
  exec 4<"/dev/input/$event" # open before the guest says that it is up: a press until then would be lost
  power_button &
fi
read -r uptime _ </proc/uptime
echo
echo "GUEST UP after $uptime s"
load rest
: >/before
while :; do
  facts >/now
  read -rd '' now </now
  if [ "$now" != "$before" ]; then
    grep -vxFf /now /before | sed 's/^/GONE /'
    if [ "$before" ]; then grep -vxFf /before /now; else cat /now; fi
    mv /now /before
    before=$now
    look_into_new
  fi
  sleep 2
done
