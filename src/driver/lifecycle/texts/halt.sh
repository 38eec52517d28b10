# halt NAME [SECONDS]: ends a container as the kubelet does: its hook, a signal, the time that is left, and the end. The hook is
# within the time, which is the pod's where none is said; what is left is two seconds at least, as the kubelet has it.
halt() {
  home=/var/lib/bowline/pods/${1%_*}
  read -r _ _ seconds _ <"$home/words"
  seconds=${2:-$seconds}
  { read -r end <"$home/deadline"; } 2>/dev/null || end=$(($(date +%s) + seconds))
  left=$((end - $(date +%s)))
  if [ "$left" -gt 0 ]; then
    for file in "$home/hooks/${1##*_}".pre-stop.*; do
      [ -e "$file" ] || continue
      [ "$(podman container inspect --format '{{.State.Running}}' "$1")" != true ] || hook "$1" pre-stop "$left"
      left=$((end - $(date +%s)))
    done
    [ "$left" -ge 2 ] || left=2
  else
    left=0
  fi
  podman stop --ignore --time "$left" "$1" >/dev/null
}
