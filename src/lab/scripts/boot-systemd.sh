# Boots a lab host with systemd as process 1. Arguments: name, host directory, base directory.
set -eu
name=$1 host=$2 base=$3

mount -t overlay overlay -o "lowerdir=$base,upperdir=$host/upper,workdir=$host/work" "$host/root"

# The inner systemd refuses cgroup v1 unless told otherwise; with cgroup v2 alone nothing needs to be said.
legacy=
[ "$(stat -fc %T /sys/fs/cgroup)" = cgroup2fs ] ||
	legacy='systemd.unified_cgroup_hierarchy=0 SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1'

devices=
for device in /dev/net/tun /dev/fuse; do
	[ ! -e $device ] || devices="$devices --bind=$device"
done

# shellcheck disable=SC2086  # both lists hold words of this file only
exec systemd-nspawn --quiet --directory="$host/root" --machine="$name" \
	--bind="$host/containers:/var/lib/containers" $devices --register=no --keep-unit --capability=all \
	--resolv-conf=off --timezone=off --link-journal=no --console=read-only --boot $legacy
