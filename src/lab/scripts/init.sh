# Process 1 of a lab host until systemd takes its place. systemd-nspawn mounts /proc/sys and the v1 cgroups read-only:
# netavark and runc must write there, and systemd makes a unit's cgroups only where it could write when it started.
set -eu
mount -o remount,rw /proc/sys
findmnt --list --noheadings --types cgroup --output TARGET | while read -r dir; do
	mount -o remount,bind,rw "$dir"
done

# A container has no devices of its own for files that are mounted; the numbers are the kernel's (admin-guide/devices.txt).
mknod -m 0600 /dev/loop-control c 10 237
number=0
while [ "$number" -lt 24 ]; do
	mknod -m 0600 "/dev/loop$number" b 7 "$number"
	number=$((number + 1))
done

# systemd refuses cgroup v1 unless told otherwise; with cgroup v2 alone nothing needs to be said.
if [ "$(stat -fc %T /sys/fs/cgroup)" = cgroup2fs ]; then
	exec /usr/lib/systemd/systemd
fi
exec /usr/lib/systemd/systemd systemd.unified_cgroup_hierarchy=0 SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1
