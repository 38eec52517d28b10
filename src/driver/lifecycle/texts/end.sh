# Ends a pod and removes it: the main containers all at once, then the sidecars, the last first. Arguments: the pod, and the
# seconds that it has.
pod=$1 grace=$2 files=/var/lib/bowline/pods/$1
down() {
  case $keeper:$2 in
    systemd:Always) systemctl stop "bowline-always@$1.service" ;;
    systemd:OnFailure) systemctl stop "bowline-on-failure@$1.service" ;;
    *) halt "$1" ;;
  esac
}
if [ -e "$files/words" ]; then
  read -r keeper policy own words <"$files/words"
  echo $(($(date +%s) + grace)) >"$files/deadline"
  if [ "$keeper" = systemd ]; then
    systemctl --quiet --no-reload disable "bowline-pod@$pod.service"
    systemctl stop "bowline-pod@$pod.service"
  elif read -r start <"/run/bowline-life/$pod.pid"; then
    kill "$start"
  fi 2>/dev/null
  read -r stage since <"/var/lib/bowline/told/$pod" || stage=none
  after=
  for word in $words; do
    name=${pod}_${word#*:}
    case $word in
      init:*) [ "$stage" != starting ] || halt "$name" & ;;
      sidecar:*) after="$name $after" ;;
      main:*) down "$name" "$policy" & ;;
    esac
  done
  wait
  for name in $after; do down "$name" Always; done
  # What was ended by force would be listed as failed for ever.
  [ "$keeper" != systemd ] || systemctl reset-failed "bowline-*@$pod.service" "bowline-*@${pod}_*.service"
  grace=0
else
  podman pod stop --ignore --time "$grace" "$pod" >/dev/null
fi
podman pod rm --force --ignore --time "$grace" "$pod" &&
rm -rf -- "/var/lib/bowline/told/$pod" "/var/lib/bowline/told/${pod}_"* "/run/bowline-life/$pod.pid" "/run/bowline-life/$pod.up" "/run/bowline-life/${pod}_"*
