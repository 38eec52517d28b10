# Starts a lab host that is sshd alone, as process 1 of its namespaces. Arguments: name, name on this
# machine, host directory, base directory.
set -eu
name=$1 host=$3 base=$4
root=$host/root

mount -t overlay overlay -o "lowerdir=$base,upperdir=$host/upper,workdir=$host/work" "$root"
mkdir -p "$root/var/lib/containers"
mount --bind "$host/containers" "$root/var/lib/containers"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mkdir "$root/run/sshd" "$root/run/lock" "$root/run/old"

mount --rbind /dev "$root/dev"
# The podmans of two hosts with one /dev/shm would share their lock segment and break one another.
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"

# A cgroup mount made in this namespace begins at the host's own cgroup.
if [ "$(stat -fc %T /sys/fs/cgroup)" = cgroup2fs ]; then
	mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
	tr ' ' '\n' <"$root/sys/fs/cgroup/cgroup.controllers" | while read -r controller; do
		echo "+$controller" >"$root/sys/fs/cgroup/cgroup.subtree_control" || true
	done
else
	mount -t tmpfs -o mode=755 tmpfs "$root/sys/fs/cgroup"
	for controller in memory cpu cpuacct cpuset pids devices blkio freezer; do
		[ -d "/sys/fs/cgroup/$controller" ] || continue
		mkdir "$root/sys/fs/cgroup/$controller"
		mount -t cgroup -o "$controller" cgroup "$root/sys/fs/cgroup/$controller"
	done
fi

hostname "$name"
cd "$root"
pivot_root . run/old
umount -l /run/old
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin catatonit -- /usr/sbin/sshd -D
