# expire POD: ends a pod whose time is over. It stays as it is, for people to look at, until it is deleted.
expire() {
  read -r keeper policy own words <"/var/lib/bowline/pods/$1/words" || return
  # Said before as well: who looks meanwhile must not have it made anew.
  expired="expired $(date +%s)"
  echo "$expired" >"/var/lib/bowline/told/$1"
  stop_pod "$1" "$own"
  echo "$expired" >"/var/lib/bowline/told/$1"
}
