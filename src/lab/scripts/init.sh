# Process 1 of a lab host until systemd takes its place. systemd-nspawn mounts /proc/sys and the v1 cgroups read-only:
# netavark and runc must write there, and systemd makes a unit's cgroups only where it could write when it started.
set -eu
mount -o remount,rw /proc/sys
findmnt --list --noheadings --types cgroup --output TARGET | while read -r dir; do
	mount -o remount,bind,rw "$dir"
done

# systemd refuses cgroup v1 unless told otherwise; with cgroup v2 alone nothing needs to be said.
if [ "$(stat -fc %T /sys/fs/cgroup)" = cgroup2fs ]; then
	exec /usr/lib/systemd/systemd
fi
exec /usr/lib/systemd/systemd systemd.unified_cgroup_hierarchy=0 SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1
