# ended NAME...: what `podman ps` does not tell of containers that have ended. A line each: its name, its exit code, whether it
# ran out of memory, when it was started and when it ended in seconds since 1970, and its last words in base64.
ended() {
  podman container inspect --format \
    '{{.Name}} {{.State.ExitCode}} {{.State.OOMKilled}} {{.State.StartedAt.Unix}} {{.State.FinishedAt.Unix}}' "$@" |
  while read -r name rest; do
    file=/var/lib/bowline/pods/${name%_*}/messages/${name##*_}
    words=$(head -c 4096 "$file" 2>/dev/null | base64 | tr -d '\n')
    # A file beside it says that the end of the log stands in when the container has failed.
    case $rest in 0\ *) ;; *)
      if [ -z "$words" ] && [ -e "$file.log" ]; then
        words=$(podman logs --tail 80 "$name" 2>&1 </dev/null | tail -c 2048 | base64 | tr -d '\n')
        # podman 4.3 leaves a last line without an end out when it is asked for the last lines.
        [ -n "$words" ] || words=$(podman logs "$name" 2>&1 </dev/null | tail -n 80 | tail -c 2048 | base64 | tr -d '\n')
      fi ;;
    esac
    # One that never ran has no last words of its own.
    if [ -z "$words" ] && [ -s "/run/bowline-life/$name.error" ]; then
      words=$(tail -n 1 "/run/bowline-life/$name.error" | sed 's/^Error: \(unable to start container "[0-9a-f]*": \)\{0,1\}//' |
        head -c 1024 | tr -d '\n' | base64 | tr -d '\n')
    fi
    printf 'end %s %s %s\n' "$name" "$rest" "$words"
  done
}
