# Joins cgroups, then becomes a command. Arguments: how many cgroup.procs files, the files, the command.
# A process joins before it makes namespaces, so that its cgroup namespace begins at its own cgroups.
set -eu
count=$1
shift
while [ "$count" -gt 0 ]; do
	echo $$ >"$1"
	shift
	count=$((count - 1))
done
exec "$@"
