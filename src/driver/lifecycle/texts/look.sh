# Lists containers, and says more of those that have ended. Arguments: those of `podman ps` after its format.
all=$(podman ps --all --pod --format json "$@") || exit
printf '%s\n' "$all"
case $all in *'"exited"'*) ;; *) exit 0 ;; esac
names=$(podman ps --all --filter status=exited --format '{{.Names}}' "$@") || exit
[ -z "$names" ] || ended $names
