# Ends a pod and removes it. Arguments: the pod, and the seconds that it has.
pod=$1 grace=$2 files=/var/lib/bowline/pods/$1
if [ -e "$files/words" ]; then
  if [ -e "$files/until" ]; then
    systemctl stop "bowline-expire-$pod.timer" "bowline-expire-$pod.service"
    read -r later <"/run/bowline-life/$pod.expire" && kill "$later"
  fi 2>/dev/null
  stop_pod "$pod" "$grace"
  grace=0
else
  podman pod stop --ignore --time "$grace" "$pod" >/dev/null
fi
podman pod rm --force --ignore --time "$grace" "$pod" &&
rm -rf -- "/var/lib/bowline/told/$pod" "/var/lib/bowline/told/${pod}_"* "/run/bowline-life/$pod."* "/run/bowline-life/${pod}_"* \
  "/run/bowline-life/probed/${pod}_"*
