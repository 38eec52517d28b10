# Brings a pod up: what holds its namespaces, each init container to its end, sidecars, then the main containers, one after the
# other. What has been done in this sandbox already is left out, so it does no harm to run it again. Argument: the pod.
pod=$1 stage=/var/lib/bowline/told/$1
# podman would leave the containers' monitors in this unit, and systemd would end them with it.
unset INVOCATION_ID
mkdir -p /run/bowline-life "${stage%/*}"
echo $$ >"/run/bowline-life/$pod.pid"
read -r keeper policy grace words <"/var/lib/bowline/pods/$pod/words" || exit

tell() { printf '%s %s\n' "$1" "$(date +%s)" >"$stage.new" && mv -f "$stage.new" "$stage"; }
state() { podman container inspect --format '{{.State.Status}} {{.State.ExitCode}}' "$1"; }
once() { again "$1"; begin "$1" && [ "$(podman wait "$1")" = 0 ]; }

# first NAME: an init container, to its end.
first() {
  if [ -z "$fresh" ] && [ "$(state "$1")" = 'exited 0' ]; then return 0; fi
  tell starting
  until once "$1"; do
    [ "$policy" != Never ] || return 1
    tell starting
  done
}

# up NAME POLICY: a container that runs on.
up() {
  tell starting
  if [ -z "$made" ]; then
    case $2:$(state "$1") in Never:exited*|OnFailure:'exited 0') return ;; esac
  fi
  outcome=0
  case $keeper:$2 in
    systemd:Always) systemctl start "bowline-always@$1.service" || outcome=1 ;;
    systemd:OnFailure) systemctl start "bowline-on-failure@$1.service" || outcome=1 ;;
    *)
      if begin "$1"; then hook "$1" post-start 0 || podman kill "$1" >/dev/null; else outcome=1; fi ;;
  esac
  attend "$1"
  return "$outcome"
}

# attend NAME: has a container asked whether it is well, in every run of it from now on.
attend() {
  ls "/var/lib/bowline/pods/$pod/probes/${1##*_}".* >/dev/null 2>&1 || return 0
  if [ "$keeper" = systemd ]; then
    systemctl start --no-block "bowline-probe@$1.service"
    return
  fi
  { read -r asks <"/run/bowline-life/$1.probe"; } 2>/dev/null && kill -0 "$asks" 2>/dev/null && return
  # Restarts for the sake of an answer are counted by us, those by podman by podman.
  [ -e "${stage%/*}/$1" ] || { printf 'restarts 0\n' >"${stage%/*}/$1"; echo 0 >"/run/bowline-life/$1.row"; }
  probe "$1" &
  echo $! >"/run/bowline-life/$1.probe"
}

# settled NAME: waits until a startup probe is answered well, if there is one.
settled() {
  [ -e "/var/lib/bowline/pods/$pod/probes/${1##*_}.startup" ] || return 0
  nth=0
  until grep -qs '^is success ' "/run/bowline-life/probed/$1.startup"; do
    # Who looks meanwhile is to know that this goes on.
    [ $((nth % 20)) -ne 0 ] || tell starting
    nth=$((nth + 1))
    sleep 0.5
  done
}

made= fresh=
{ read -r was since <"$stage"; } 2>/dev/null
[ "${was-made}" != made ] || made=1 fresh=1
# remake: makes what was in memory once more, by the commands that made it first.
remake() {
  [ -d "/var/lib/bowline/pods/$pod/again" ] || return
  for step in "/var/lib/bowline/pods/$pod/again"/*; do xargs -0 env <"$step" || return; done
}

# unmounted: whether a volume with a file system of its own is not mounted. Its pod would write to the directory beneath.
unmounted() {
  for claim in "/var/lib/bowline/filled/$pod"/*.claim; do
    [ -e "$claim" ] || continue
    claim=${claim##*/}
    [ -e "/run/bowline/filled/$pod/${claim%.claim}" ] || return 0
  done
  return 1
}

# What is in memory is gone after a reboot. Where a Secret is among it, who brings that again has the pod brought up.
lasting=/var/lib/bowline/pods/$pod/volatile
if [ -n "$made" ]; then
  [ ! -d "/run/bowline/pods/$pod" ] || : >"$lasting"
elif [ -e "$lasting" ] && { [ ! -d "/run/bowline/pods/$pod" ] || unmounted; } && ! remake; then
  printf 'starting 0\n' >"$stage"
  exit
fi
# A pod that has so many seconds has them once, over reboots as well.
for word in $words; do case $word in deadline:*)
  [ "$was" != expired ] || exit
  [ -z "$made" ] || echo $(($(date +%s) + ${word#*:})) >"/var/lib/bowline/pods/$pod/until"
  read -r until <"/var/lib/bowline/pods/$pod/until" || exit
  left=$((until - $(date +%s)))
  if [ "$left" -le 0 ]; then printf 'expired %s\n' "$until" >"$stage"; exit; fi
  if [ "$keeper" = systemd ]; then
    systemctl stop "bowline-expire-$pod.timer" 2>/dev/null
    systemd-run --quiet --collect --unit "bowline-expire-$pod" --on-active "$left" --timer-property AccuracySec=100ms \
      /bin/sh /var/lib/bowline/boot/expire "$pod"
  else
    { while [ "$(date +%s)" -lt "$until" ]; do sleep 1; done; expire "$pod"; } &
    echo $! >"/run/bowline-life/$pod.expire"
  fi ;;
esac; done
tell starting
# What holds the namespaces was started when the pod was made, unless the host has rebooted since.
if [ -z "$made" ] || [ ! -e "/run/bowline-life/$pod.up" ]; then
  infra=$(podman pod inspect --format '{{.InfraContainerID}}' "$pod") || exit
  case $(state "$infra") in
    running*) ;;
    *)
      fresh=1
      until podman start "$infra" >/dev/null; do sleep 5; done ;;
  esac
fi
for word in $words; do
  name=${pod}_${word#*:}
  case $word in
    init:*) first "$name" || { tell failed; exit 0; } ;;
    sidecar:*)
      until up "$name" Always; do sleep 1; done
      settled "$name" ;;
    main:*) up "$name" "$policy" ;;
  esac
done
tell started
rm -f "/run/bowline-life/$pod.pid"
