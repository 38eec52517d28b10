#!/bin/sh
# Stands before the host's own OCI runtime for containers that Secrets give something. What a specification is to hold in the
# places of marks is put into a copy on a tmpfs, which the runtime reads instead.
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
umask 077
# The last argument is the container's id.
for id do :; done
own=/run/bowline/bundles/$id
before='' process='' count=$#
while [ "$count" -gt 0 ]; do
	word=$1 count=$((count - 1))
	shift
	next=$word
	case $before in
	--bundle)
		values=$(sed -n 's/.*"bowline\.values":"\([^"]*\)".*/\1/p' "$word/config.json") || exit
		if [ -n "$values" ]; then
			if [ ! -e "$values" ]; then
				echo 'what Secrets give to this container is gone since the host went down: run bowline apply' >&2
				exit 1
			fi
			mkdir -p "$own" && ln -sfn "$values" "$own/values" &&
				sed -f "$values" "$word/config.json" >"$own/config.json" || exit
			next=$own
		fi
		;;
	--process)
		if [ -e "$own/values" ]; then
			process=$own/${word##*/}
			sed -f "$own/values" "$word" >"$process" || exit
			next=$process
		fi
		;;
	esac
	set -- "$@" "$next"
	before=$word
done
read -r runtime <"${0%/*}/path" || exit
"$runtime" "$@"
code=$?
[ -z "$process" ] || rm -f "$process"
case " $* " in
*' delete '*) rm -rf "$own" ;;
esac
exit "$code"
