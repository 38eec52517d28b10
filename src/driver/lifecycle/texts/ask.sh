# ask_KIND NAME ASK SPOT: asks a container once, within $limit seconds: 0 when it is well, 1 when it is not, 2 when that cannot be
# told. Why is left in $said, in the kubelet's words. ASK is a file that says what is asked, SPOT is where files of ours may lie.

# What `ask_exec` runs: a command in a container. When its time is over, everything that the command has started is ended: what
# podman started goes on when podman is ended, and podman may not have come to start it yet. It is known by a variable, which
# children have from their parents.
# Arguments: the container, the file with the words, where the outcome goes, the value of the variable.
within='
reap() {
  late=1 round=0
  while [ "$round" -lt 100 ]; do
    # It is over when podman is, and nobody is left that came to be meanwhile.
    over=
    [ ! -e "$spot.code" ] || over=1
    found=$(grep -Flsa "BOWLINE_PROBE=$mark" /proc/[0-9]*/environ)
    [ -n "$found" ] || [ -z "$over" ] || return
    for file in $found; do
      file=${file#/proc/}
      kill -KILL "${file%/environ}" 2>/dev/null
    done
    round=$((round + 1))
    sleep 0.3
  done
}
spot=$3 mark=$4
rm -f "$spot.code"
trap reap TERM
{ xargs -0 podman exec --env "BOWLINE_PROBE=$4" "$1" <"$2" 2>&1; echo $? >"$3.code"; } |
  { head -c 1024 >"$3.out"; cat >/dev/null; } &
wait
[ -z "$late" ] || wait'

ask_exec() {
  timeout --foreground -k 60 "$limit" sh -c "$within" within "$1" "$2" "$3" "${3##*/}.$up" >/dev/null 2>&1 </dev/null
  case $? in 124|137)
    said="command \"$(tr '\0' ' ' <"$2" | sed 's/ $//')\" timed out"
    return 1 ;;
  esac
  read -r code <"$3.code"
  said=$(cat "$3.out")
  [ "$code" != 0 ] || return 0
  case $said in
    'Error: '*'OCI runtime'*|'Error: '*'container state improper'*|'Error: no '*) return 2 ;;
  esac
  return 1
}

# host URL: whom a URL is for, without the port.
host() {
  set -- "${1#*://}"
  set -- "${1%%[/?#]*}"
  echo "${1%:*}"
}

# The first line is the URL, the others are header lines. Certificates are not looked at. It follows to the same host only; who
# leads elsewhere is well.
ask_http2() { version=--http2-prior-knowledge; ask_http "$@"; }
ask_http() {
  { read -r url; headers=$(cat); } <"$2"
  address=${url#*://}
  case ${address%%[/?#]*} in *:0) said='the container has no port of this name'; return 2 ;; esac
  clock
  until=$((up + limit * 100)) hops=0
  while :; do
    clock
    left=$((until - up))
    [ "$left" -ge 10 ] || left=10
    answer=$(printf '%s\n' "$headers" | curl -sgk "${version:---http1.1}" --path-as-is --noproxy '*' --max-filesize 10240 \
      -m "$((left / 100)).$((left / 10 % 10))" -A "$agent" -H 'Connection: close' -H @- -o /dev/null \
      -w '%{http_code} %{redirect_url}' "$url")
    ended=$? code=${answer%% *} next=${answer#* }
    address=${url#*://}
    address=${address%%[/?#]*}
    # What is more than a probe reads has been answered well enough to be judged.
    [ "$ended" -ne 63 ] || ended=0
    case $ended in
      0) ;;
      7) said="Get \"$url\": dial tcp $address: connect: connection refused"; return 1 ;;
      28) said="Get \"$url\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)"; return 1 ;;
      52) said="Get \"$url\": EOF"; return 1 ;;
      127) said='the host has no curl'; return 2 ;;
      *) said="Get \"$url\": curl exits with $ended"; return 1 ;;
    esac
    case $code in
      30[12378]) [ -n "$next" ] && [ "$(host "$next")" = "$(host "$url")" ] || return 0 ;;
      2??|3??) return 0 ;;
      *) said="HTTP probe failed with statuscode: $code"; return 1 ;;
    esac
    hops=$((hops + 1)) url=$next
    if [ "$hops" -ge 10 ]; then said="Get \"$url\": stopped after 10 redirects"; return 1; fi
  done
}

# One line: the host and the port. A connection is enough.
ask_tcp() {
  read -r host port <"$2"
  if [ "$port" = 0 ]; then said='the container has no port of this name'; return 2; fi
  said=$(LC_ALL=C timeout "$limit" bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$host" "$port" 2>&1 </dev/null)
  case $?:$said in
    0:*) return 0 ;;
    124:*) said="dial tcp $host:$port: i/o timeout" ;;
    127:*) said='the host has no bash'; return 2 ;;
    *refused*) said="dial tcp $host:$port: connect: connection refused" ;;
    *) said="dial tcp $host:$port: connect: ${said##*: }" ;;
  esac
  return 1
}

# One line: the URL. The request is in a file beside it, framed as gRPC has it; the answer is one frame with one number.
ask_grpc() {
  read -r url <"$2"
  : >"$3.head"
  body=$(curl -sgk --http2-prior-knowledge --noproxy '*' -m "$limit" -A "$agent" -H 'content-type: application/grpc' \
    -H 'te: trailers' --data-binary "@$2.frame" -D "$3.head" -w '%{stderr}%{exitcode} %{http_code}\n' "$url" 2>"$3.code" </dev/null |
    head -c 64 | od -An -v -tx1 | tr -d ' \n')
  { read -r ended code <"$3.code"; } 2>/dev/null
  status=$(tr -d '\r' <"$3.head" | sed -n 's/^grpc-status: *//p' | tail -n 1)
  message=$(tr -d '\r' <"$3.head" | sed -n 's/^grpc-message: *//p' | tail -n 1)
  address=${url#*://}
  address=${address%%/*}
  # A server without gRPC answers as it does to anybody.
  if [ "$ended" = 0 ] && [ "$code" != 200 ]; then
    status=12 message="unexpected HTTP status code received from server: $code"
  fi
  # curl 7 may end with a message whose length was said, before it has heard how the call went.
  case $ended:$status:$body in 0::0*) status=0 ;; esac
  case $ended:$status:$body in
    0:0:00000000020801) return 0 ;;
    0:0:0000000000) said='service unhealthy (responded with "UNKNOWN")' ;;
    0:0:00000000020802) said='service unhealthy (responded with "NOT_SERVING")' ;;
    0:0:00000000020803) said='service unhealthy (responded with "SERVICE_UNKNOWN")' ;;
    0:12:*)
      said="error: this server does not implement the grpc health protocol (grpc.health.v1.Health): $message" ;;
    0:*) said="error: health rpc probe failed: status ${status:-missing}: $message" ;;
    7:*)
      said="timeout: failed to connect service \"$address\" within ${limit}s: connection error: desc ="
      said="$said \"transport: Error while dialing: dial tcp $address: connect: connection refused\"" ;;
    28:*) said="timeout: health rpc did not complete within ${limit}s" ;;
    :*) said='the host has no curl'; return 2 ;;
    *) said="error: health rpc probe failed: curl exits with $ended" ;;
  esac
  return 1
}
