# Asks containers whether they are well, as the kubelet does. `probes/NAME.WHICH` in the pod's directory says of what kind a probe
# is, how often and how long it asks; `probes/NAME.WHICH.ask` what. How it stands is told in /run/bowline-life/probed.
agent=kube-probe/1.37

# clock: the host's uptime in hundredths of a second is $up. It takes no process.
clock() {
  read -r up _ </proc/uptime
  up=${up%.*}${up#*.}
}

# rest: waits until $due, or until this run of the container is over.
rest() {
  clock
  left=$((due - up))
  [ "$left" -lt 10 ] || timeout "$((left / 100)).$((left / 10 % 10))" tail --pid="$monitor" -f /dev/null
}

# say NAME WHICH: tells how a probe stands.
say() {
  file=/run/bowline-life/probed/$1.$2
  {
    echo "is $result $run $since"
    [ "$failed" -eq 0 ] || echo "$how $failed $first $last $why"
    [ "$kills" -eq 0 ] || echo "killed $kills $begun $over"
  } >"$file.new" && mv -f "$file.new" "$file"
}

# failure failed|errored: counts what is told of a probe that was not answered well.
failure() {
  how=$1 failed=$((failed + 1)) last=$(date +%s)
  [ "$failed" -ne 1 ] || first=$last
  why=$(printf %s "$said" | head -c 1024 | base64 | tr -d '\n')
}

# unwell NAME GRACE: ends a container that has failed, and has it started again unless it is not to be.
unwell() {
  home=/var/lib/bowline/pods/${1%_*}
  halt "$1" "$2"
  [ -e "$home/words" ] && [ ! -e "$home/deadline" ] || return 0
  case $keeper:$policy in
    *:Never|systemd:Always) ;;
    systemd:*)
      # Its unit starts what ends with an error, not what ends well because it was asked to.
      [ "$(podman container inspect --format '{{.State.ExitCode}}' "$1")" != 0 ] ||
        systemctl restart --no-block "bowline-on-failure@$1.service" ;;
    *)
      again "$1"
      [ -e "$home/words" ] && [ ! -e "$home/deadline" ] || return 0
      begin "$1" && { hook "$1" post-start 0 || podman kill "$1" >/dev/null; } ;;
  esac
}

# rounds NAME WHICH: asks one probe in one run of the container. It ends with 0 when a startup probe is answered well, with 3
# when the container was ended for its answers, and with 1 when the run is over.
rounds() {
  of=/var/lib/bowline/pods/${1%_*}/probes/${1##*_}.$2
  read -r kind delay period limit enough most grace <"$of"
  case $2 in liveness) result=success ;; readiness) result=failure ;; *) result=unknown ;; esac
  since=$run failed=0 kills=0
  # What happened in the runs before goes on being told.
  [ ! -e "/run/bowline-life/probed/$1.$2" ] || while read -r word a b c d; do
    case $word in
      failed|errored) how=$word failed=$a first=$b last=$c why=$d ;;
      killed) kills=$a begun=$b over=$c ;;
    esac
  done <"/run/bowline-life/probed/$1.$2"
  say "$1" "$2"
  clock
  age=$(($(date +%s) - run)) due=$up row=0 before=
  [ "$age" -ge "$delay" ] || due=$((up + (delay - age) * 100))
  while rest; kill -0 "$monitor" 2>/dev/null; do
    # A pod that is being ended is left to end.
    [ "$2" = readiness ] || [ ! -e "${of%/probes/*}/deadline" ] || return 1
    # Rounds that were missed are not made up for.
    [ $((up - due)) -lt $((period * 100)) ] || due=$up
    due=$((due + period * 100)) said=
    "ask_$kind" "$1" "$of.ask" "/run/bowline-life/$1.$2"
    answer=$?
    kill -0 "$monitor" 2>/dev/null || return 1
    [ "$answer" = "$before" ] || [ "$answer" = 2 ] || row=0
    case $answer in
      0)
        before=0 row=$((row + 1))
        if [ "$row" -ge "$enough" ] && [ "$result" != success ]; then
          result=success since=$(date +%s)
          say "$1" "$2"
        fi
        [ "$2:$result" != startup:success ] || return 0 ;;
      1)
        before=1 row=$((row + 1))
        failure failed
        if [ "$row" -ge "$most" ] && [ "$2" = readiness ]; then
          [ "$result" = failure ] || since=$last
          result=failure
        elif [ "$row" -ge "$most" ]; then
          result=failure since=$last kills=$((kills + 1)) over=$last
          [ "$kills" -ne 1 ] || begun=$last
          say "$1" "$2"
          (unwell "$1" "$grace")
          return 3
        fi
        say "$1" "$2" ;;
      *)
        failure errored
        say "$1" "$2" ;;
    esac
  done
  return 1
}

# probe NAME: asks the probes of a container, in one run of it after the other, as long as its pod is there.
probe() {
  home=/var/lib/bowline/pods/${1%_*}
  of=$home/probes/${1##*_}
  read -r keeper policy _ words <"$home/words" || return
  case " $words " in *" sidecar:${1##*_} "*) policy=Always ;; esac
  mkdir -p /run/bowline-life/probed
  while [ -e "$home/words" ] && [ ! -e "$home/deadline" ]; do
    monitor= run= asked= code=0
    { read -r monitor <"/run/bowline-life/$1.pid"; } 2>/dev/null
    if [ -z "$monitor" ] || ! kill -0 "$monitor" 2>/dev/null; then
      sleep 1
      continue
    fi
    run=$(podman container inspect --format '{{if .State.Running}}{{.State.StartedAt.Unix}}{{end}}' "$1")
    if [ -z "$run" ]; then
      sleep 0.3
      continue
    fi
    if [ -e "$of.startup" ]; then
      (rounds "$1" startup)
      code=$?
    fi
    if [ "$code" -eq 0 ]; then
      if [ -e "$of.liveness" ]; then
        (rounds "$1" liveness) &
        asked=$!
      fi
      [ ! -e "$of.readiness" ] || (rounds "$1" readiness)
      if [ -n "$asked" ]; then
        wait "$asked"
        code=$?
      fi
    fi
    tail --pid="$monitor" -f /dev/null
    case $policy:$code in
      Never:*) return ;;
      OnFailure:3) ;;
      OnFailure:*)
        [ "$(podman container inspect --format '{{.State.ExitCode}}' "$1")" != 0 ] || return ;;
    esac
  done
}
