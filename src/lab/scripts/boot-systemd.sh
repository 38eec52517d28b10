# Boots a lab host with systemd as process 1. Arguments: name, name on this machine, host directory, base directory.
set -eu
name=$1 machine=$2 host=$3 base=$4

mount -t overlay overlay -o "lowerdir=$base,upperdir=$host/upper,workdir=$host/work" "$host/root"

# runc sets the rules for devices by bpf where cgroups are of version 2.
devices=
for device in /dev/net/tun /dev/fuse; do
	[ ! -e $device ] || devices="$devices --bind=$device"
done

# shellcheck disable=SC2086  # words of this file only
exec systemd-nspawn --quiet --directory="$host/root" --machine="$machine" --hostname="$name" \
	--bind="$host/containers:/var/lib/containers" $devices --register=no --keep-unit --capability=all \
	--system-call-filter='bpf keyctl add_key request_key' --resolv-conf=off --timezone=off --link-journal=no --console=read-only \
	/bin/sh /usr/local/lib/bowline-lab/init
