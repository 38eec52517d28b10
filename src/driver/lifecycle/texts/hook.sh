# hook NAME post-start|pre-stop SECONDS: what is to be done when a container has been started, or before it is ended, within so
# many seconds; 0 is without end.
hook() {
  file=/var/lib/bowline/pods/${1%_*}/hooks/${1##*_}.$2
  if [ -e "$file.exec" ]; then
    timeout "$3" xargs -0 podman exec "$1" <"$file.exec" >/dev/null
  elif [ -e "$file.sleep" ]; then
    timeout "$3" sleep "$(cat "$file.sleep")" || [ $? -eq 124 ]
  elif [ -e "$file.http" ]; then
    { read -r url && timeout "$3" curl -fsk -o /dev/null -H @- "$url"; } <"$file.http"
  fi
}
