# Runs the lab's registry: Debian's docker-registry on a socket, and before it an nginx that finds any tag of the lab's own
# images. Arguments: base directory, services directory, data directory, address, names of the lab's images (an nginx
# regular expression). Process 1 of process and mount namespaces of its own.
set -eu
base=$1 services=$2 data=$3 address=$4 names=$5
root=$services/root

mount -t overlay overlay -o "lowerdir=$services/upper:$base" "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
for dir in run tmp var/lib/nginx var/log; do mount -t tmpfs tmpfs "$root/$dir"; done
mkdir "$root/run/old" "$root/run/data"
mount --bind "$data" "$root/run/data"

cat >"$root/run/registry.yml" <<END
version: 0.1
log: {level: warn}
storage: {filesystem: {rootdirectory: /run/data}, delete: {enabled: true}}
http: {net: unix, addr: /run/registry.sock}
END
cat >"$root/run/nginx.conf" <<END
user root;
daemon off;
worker_processes 1;
pid /run/nginx.pid;
error_log stderr warn;
events { worker_connections 1024; }
http {
    access_log off;
    client_max_body_size 0;
    proxy_request_buffering off;
    proxy_http_version 1.1;
    upstream registry { server unix:/run/registry.sock; }
    server {
        listen $address:5000;
        proxy_set_header Host \$http_host;
        location ~ ^/v2/library/($names)/manifests/(?!sha256:) {
            limit_except GET HEAD { deny all; }
            rewrite ^/v2/library/([^/]+)/ /v2/library/\$1/manifests/latest break;
            proxy_pass http://registry;
        }
        location / { proxy_pass http://registry; }
    }
}
END

cd "$root"
pivot_root . run/old
umount -l /run/old
docker-registry serve /run/registry.yml &
for _ in $(seq 100); do
	[ ! -S /run/registry.sock ] || break
	sleep 0.05
done
exec nginx -c /run/nginx.conf
