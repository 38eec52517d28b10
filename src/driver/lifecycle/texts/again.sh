# again NAME: keeps count of how often a container is started, and waits as the kubelet does: the first time that it ended not
# at all, then 10 seconds after its end, and twice as long every time, up to 300. One that ran for ten minutes begins anew, and
# so does every one after a reboot.
again() {
  told=/var/lib/bowline/told/$1 row=/run/bowline-life/$1.row
  mkdir -p /run/bowline-life /var/lib/bowline/told
  if [ ! -e "$told" ]; then
    printf 'restarts 0\n' >"$told"
    echo 0 >"$row"
    return
  fi
  read -r word count <"$told"
  nth=$(cat "$row" 2>/dev/null) || nth=0
  last=$(ended "$1")
  set -- "$1" $last
  now=$(date +%s) began=${6:-0} ended=${7:-0}
  # What was never started has no times.
  [ "$ended" -gt 0 ] || ended=$now began=$now
  [ $((ended - began)) -lt 600 ] || nth=0
  delay=0
  if [ "$nth" -gt 0 ]; then
    delay=10 n=1
    while [ "$n" -lt "$nth" ] && [ "$delay" -lt 300 ]; do delay=$((delay * 2)) n=$((n + 1)); done
    [ "$delay" -le 300 ] || delay=300
  fi
  echo $((nth + 1)) >"$row"
  until=$((ended + delay))
  if [ "$until" -gt "$now" ]; then
    printf 'restarts %s\n%s\nuntil %s\n' "$count" "$last" "$until" >"$told.new" && mv -f "$told.new" "$told"
    sleep $((until - now))
  fi
  printf 'restarts %s\n%s\n' $((count + 1)) "$last" >"$told.new" && mv -f "$told.new" "$told"
  # Last words are those of one run.
  message=/var/lib/bowline/pods/${1%_*}/messages/${1##*_}
  [ ! -e "$message" ] || : >"$message"
}
