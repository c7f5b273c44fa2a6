#!/usr/bin/env bash
# A machine of its own for systemd: namespaces, a writable copy of a system's files, no network but loopback, and systemd
# as its first process. It ends with this process, and leaves nothing behind but the control group.
#
# usage: machine.sh SYSTEM DIR CGROUP FILES [SOURCE:TARGET]...
#   SYSTEM  where the system's files are, which stay as they are; / for those of this host
#   DIR     an empty folder, under which the machine's root is mounted (in its namespace only)
#   CGROUP  the folder of a new control group of version 2
#   FILES   a folder that is copied over the machine's root
#   SOURCE  a folder of this host's that is seen at TARGET, and can't be written
set -euo pipefail

readonly system=$1 dir=$2 group=$3 files=$4 root=$2/root

if [[ -z ${machine_is_inside-} ]]; then
    mkdir "$group"
    echo $$ >"$group/cgroup.procs"
    machine_is_inside=yes exec unshare --mount --pid --net --cgroup --uts --ipc --fork --kill-child "$0" "$@"
fi

mount -t tmpfs tmpfs "$dir"
mkdir "$dir"/{upper,work,root}
mount -t overlay overlay -o "lowerdir=$system,upperdir=$dir/upper,workdir=$dir/work" "$root"
# Units that this host has enabled are none of the machine's.
rm -rf "$root"/etc/systemd/system/*.wants
cp -r --preserve=mode "$files/." "$root"
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
for folder in run tmp dev; do mount -t tmpfs tmpfs "$root/$folder"; done
for binding in "${@:5}"; do
    mkdir -p "$root${binding#*:}"
    mount --bind -o ro "${binding%%:*}" "$root${binding#*:}"
done
for name in null zero full random urandom tty; do
    touch "$root/dev/$name"
    mount --bind "/dev/$name" "$root/dev/$name"
done
mkdir "$root"/dev/{shm,pts}
mount -t devpts -o newinstance,ptmxmode=666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
ip link set lo up

cd "$root/etc/systemd/system"
printf '[Unit]\nRequires=basic.target\nAfter=basic.target\nWants=machine-end.timer\n' >machine.target
# Should nobody end it.
printf '[Timer]\nOnActiveSec=15min\n' >machine-end.timer
printf '[Service]\nExecStart=/bin/systemctl --force --force poweroff\n' >machine-end.service

cd "$root"
mkdir -p mnt
pivot_root . mnt
umount --lazy /mnt
mount --make-rshared /
exec env -i container=test PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    /lib/systemd/systemd --unit=machine.target --show-status=no --log-target=journal
