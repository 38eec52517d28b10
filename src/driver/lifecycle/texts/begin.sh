# begin NAME: starts a container. Why one could not be started is kept as how it ended: no program has left an exit code.
begin() {
  error=/run/bowline-life/$1.error told=/var/lib/bowline/told/$1
  if podman start "$1" >/dev/null 2>"$error"; then rm -f "$error"; return 0; fi
  cat "$error" >&2
  { read -r word count <"$told"; } 2>/dev/null || count=0
  printf 'restarts %s\n%s\n' "$count" "$(ended "$1")" >"$told.new" && mv -f "$told.new" "$told"
  return 1
}
