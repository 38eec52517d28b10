# Installs the programs of the lab's registry and images over a base, and makes the images' layers of them.
# Arguments: base directory, services directory, output directory, images script, Debian packages. Runs in a mount
# namespace of its own.
set -eu
base=$1 services=$2 out=$3 script=$4
shift 4
root=$services/root

mkdir -p "$services/upper" "$services/work" "$root"
mount -t overlay overlay -o "lowerdir=$base,upperdir=$services/upper,workdir=$services/work" "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/run"
mkdir "$root/run/layers"
mount --bind "$out" "$root/run/layers"
cp /etc/resolv.conf "$root/etc/resolv.conf"
cp "$script" "$root/run/images.sh"

# No service may start here, and no database be made.
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
mkdir -p "$root/etc/postgresql-common"
echo 'create_main_cluster = false' >"$root/etc/postgresql-common/createcluster.conf"

if [ ! -e "$services/installed" ]; then
	chroot "$root" apt-get update
	chroot "$root" apt-get install --yes --no-install-recommends "$@"
	chroot "$root" apt-get clean
	touch "$services/installed"
fi
chroot "$root" sh /run/images.sh
