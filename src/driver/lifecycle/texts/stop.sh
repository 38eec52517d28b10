# stop_pod POD GRACE: ends what runs of a pod within so many seconds: the main containers all at once, then the sidecars, the last
# first. None of them is started again.
down() {
  case $keeper:$2 in
    systemd:Always) systemctl stop "bowline-always@$1.service" ;;
    systemd:OnFailure) systemctl stop "bowline-on-failure@$1.service" ;;
    *) halt "$1" ;;
  esac
}
stop_pod() {
  pod=$1 files=/var/lib/bowline/pods/$1
  read -r keeper policy own words <"$files/words"
  echo $(($(date +%s) + $2)) >"$files/deadline"
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
      init:*) case $stage in starting|expired) halt "$name" ;; esac & ;;
      sidecar:*) after="$name $after" ;;
      main:*) down "$name" "$policy" & ;;
    esac
  done
  wait
  for name in $after; do down "$name" Always; done
  if [ -d "$files/probes" ]; then
    case $keeper in
      systemd) systemctl stop "bowline-probe@${pod}_*.service" ;;
      *) for file in "/run/bowline-life/${pod}_"*.probe; do read -r asks <"$file" && kill "$asks"; done ;;
    esac
  fi 2>/dev/null
  # What was ended by force would be listed as failed for ever.
  [ "$keeper" != systemd ] || systemctl reset-failed "bowline-*@$pod.service" "bowline-*@${pod}_*.service"
}
