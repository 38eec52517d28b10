# Makes the layers of the lab's images of the programs installed here: a tree and a tar a layer, in /run/layers.
# What an image does at its start is as in the public image of its name.
# shellcheck disable=SC2046,SC2086  # the paths here have no blanks
set -eu
export LC_ALL=C
out=/run/layers

# Copies files with all they link to, under the name that was asked for.
put() {
	layer=$1
	shift
	{
		for path in "$@"; do
			echo "$path"
			[ ! -d "$path" ] || find "$path"
		done
	} | sort -u >$out/files
	while read -r path; do
		real=$(readlink -f "$path")
		[ -f "$real" ] && ldd "$real" 2>/dev/null | sed -n 's/.* => \(\/[^ ]*\) .*/\1/p; s/^\t\(\/[^ ]*\) .*/\1/p'
	done <$out/files | sort -u >$out/libraries
	# A link is copied with what it leads to.
	while read -r path; do
		[ ! -L "$path" ] || readlink -f "$path"
	done <$out/files >$out/targets
	# Debian's /bin, /sbin and /lib are links: everything goes below /usr.
	cat $out/files $out/targets $out/libraries | sed 's,^/\(s\?bin\|lib\|lib64\)/,/usr/\1/,' | sort -u >$out/all
	while read -r path; do
		[ ! -L "$path" ] || readlink -f "$path" | sed 's,^/\(s\?bin\|lib\|lib64\)/,/usr/\1/,'
	done <$out/all >$out/targets
	# What the layer below brings is not brought again.
	sort -u $out/all $out/targets | while read -r path; do
		[ "$layer" != common ] && [ -e "$out/common$path" ] && [ ! -d "$path" ] || echo ".$path"
	done >$out/files
	mkdir -p $out/$layer
	tar -c --no-recursion -C / -T $out/files |
		tar -x -C $out/$layer --keep-directory-symlink
	rm $out/files $out/libraries $out/targets $out/all
}

skeleton() {
	mkdir -p $out/$1
	cd $out/$1
	mkdir -p usr/bin usr/sbin usr/lib usr/lib64 etc tmp root run var/log var/tmp proc sys dev
	for dir in bin sbin lib lib64; do ln -s usr/$dir $dir; done
	ln -s ../run var/run
	chmod 1777 tmp var/tmp
	chmod 700 root
	cat >etc/passwd <<-END
		root:x:0:0:root:/root:/bin/sh
		nobody:x:65534:65534:nobody:/:/bin/false
		www-data:x:33:33:www-data:/var/www:/bin/false
		nginx:x:101:101:nginx:/:/bin/false
		redis:x:999:999:redis:/data:/bin/false
		postgres:x:998:998:postgres:/var/lib/postgresql:/bin/sh
	END
	sed 's/^\([^:]*\):x:[0-9]*:\([0-9]*\):.*/\1:x:\2:/' etc/passwd >etc/group
	# Without it busybox wget crashes, and names are looked up nowhere.
	echo 'hosts: files dns' >etc/nsswitch.conf
	cp /etc/os-release etc/os-release
}

applets() {
	cp /usr/bin/busybox $out/$1/usr/bin/busybox
	for applet in $(busybox --list); do
		[ -e $out/$1/usr/bin/$applet ] || ln -s busybox $out/$1/usr/bin/$applet
	done
}

file() {
	mkdir -p "$(dirname "$out/$2")"
	cat >"$out/$2"
	chmod "$1" "$out/$2"
}

busybox_layer() {
	skeleton busybox
	applets busybox
}

common_layer() {
	skeleton common
	put common /usr/bin/bash /usr/bin/curl /usr/bin/setpriv /usr/bin/getent \
		/usr/lib/locale/C.utf8 \
		$(find /usr/lib -name 'libnss_files.so*' -o -name 'libnss_dns.so*' -o -name libgcc_s.so.1)
	applets common
	ln -sf bash $out/common/usr/bin/sh
}

nginx_layer() {
	put nginx /usr/sbin/nginx /etc/nginx/mime.types /etc/nginx/fastcgi_params /etc/nginx/scgi_params /etc/nginx/uwsgi_params
	mkdir -p $out/nginx/var/log/nginx $out/nginx/var/cache/nginx $out/nginx/var/lib/nginx $out/nginx/docker-entrypoint.d \
		$out/nginx/usr/lib/nginx/modules
	ln -s /dev/stdout $out/nginx/var/log/nginx/access.log
	ln -s /dev/stderr $out/nginx/var/log/nginx/error.log
	file 644 nginx/etc/nginx/nginx.conf <<-'END'
		user nginx;
		worker_processes 1;
		error_log /var/log/nginx/error.log notice;
		pid /run/nginx.pid;
		events { worker_connections 1024; }
		http {
		    include /etc/nginx/mime.types;
		    default_type application/octet-stream;
		    log_format main '$remote_addr - $remote_user [$time_local] "$request" '
		                    '$status $body_bytes_sent "$http_referer" "$http_user_agent"';
		    access_log /var/log/nginx/access.log main;
		    sendfile on;
		    keepalive_timeout 65;
		    include /etc/nginx/conf.d/*.conf;
		}
	END
	file 644 nginx/etc/nginx/conf.d/default.conf <<-'END'
		server {
		    listen 80;
		    server_name localhost;
		    location / {
		        root /usr/share/nginx/html;
		        index index.html index.htm;
		        # The page shows which pod answers.
		        sub_filter '@HOSTNAME@' $hostname;
		    }
		    error_page 500 502 503 504 /50x.html;
		    location = /50x.html { root /usr/share/nginx/html; }
		}
	END
	file 644 nginx/usr/share/nginx/html/index.html <<-'END'
		<!DOCTYPE html>
		<html>
		<head><title>Welcome to nginx!</title></head>
		<body>
		<h1>Welcome to nginx!</h1>
		<p>Answered by @HOSTNAME@</p>
		</body>
		</html>
	END
	echo 'An error occurred.' | file 644 nginx/usr/share/nginx/html/50x.html
	file 755 nginx/docker-entrypoint.sh <<-'END'
		#!/bin/sh
		set -e
		for script in /docker-entrypoint.d/*.sh; do
		    [ ! -x "$script" ] || "$script"
		done
		exec "$@"
	END
}

redis_layer() {
	put redis /usr/bin/redis-server /usr/bin/redis-cli /usr/bin/redis-benchmark
	mkdir -p $out/redis/data
	chown 999:999 $out/redis/data
	file 755 redis/usr/local/bin/docker-entrypoint.sh <<-'END'
		#!/bin/sh
		set -e
		case "${1-}" in -* | *.conf) set -- redis-server "$@" ;; esac
		if [ "${1-}" = redis-server ]; then
		    shift
		    # Reachable from other pods, as in the public image.
		    set -- redis-server "$@" --protected-mode no
		    if [ "$(id -u)" = 0 ]; then
		        chown redis:redis . 2>/dev/null || true
		        exec setpriv --reuid=redis --regid=redis --clear-groups "$@"
		    fi
		fi
		exec "$@"
	END
}

httpd_layer() {
	# The two left out bring a library for XML that is larger than all the rest.
	put httpd /usr/sbin/apache2 /etc/mime.types /etc/apache2/magic \
		$(find /usr/lib/apache2/modules -name '*.so' ! -name mod_xml2enc.so ! -name mod_proxy_html.so)
	mkdir -p $out/httpd/usr/local/apache2/conf $out/httpd/usr/local/apache2/logs $out/httpd/usr/local/apache2/cgi-bin \
		$out/httpd/usr/local/bin
	ln -s /usr/lib/apache2/modules $out/httpd/usr/local/apache2/modules
	ln -s /etc/mime.types $out/httpd/usr/local/apache2/conf/mime.types
	ln -s /usr/sbin/apache2 $out/httpd/usr/local/bin/httpd
	file 644 httpd/usr/local/apache2/conf/httpd.conf <<-'END'
		ServerRoot "/usr/local/apache2"
		Listen 80
		LoadModule mpm_event_module modules/mod_mpm_event.so
		LoadModule authn_core_module modules/mod_authn_core.so
		LoadModule authz_core_module modules/mod_authz_core.so
		LoadModule mime_module modules/mod_mime.so
		LoadModule dir_module modules/mod_dir.so
		LoadModule alias_module modules/mod_alias.so
		LoadModule env_module modules/mod_env.so
		LoadModule setenvif_module modules/mod_setenvif.so
		User www-data
		Group www-data
		ServerName localhost
		PidFile /run/httpd.pid
		TypesConfig conf/mime.types
		DocumentRoot "/usr/local/apache2/htdocs"
		<Directory "/usr/local/apache2/htdocs">
		    Options Indexes FollowSymLinks
		    Require all granted
		</Directory>
		DirectoryIndex index.html
		ErrorLog /dev/stderr
		LogFormat "%h %l %u %t \"%r\" %>s %b" common
		CustomLog /dev/stdout common
	END
	echo '<html><body><h1>It works!</h1></body></html>' | file 644 httpd/usr/local/apache2/htdocs/index.html
	file 755 httpd/usr/local/bin/httpd-foreground <<-'END'
		#!/bin/sh
		set -e
		rm -f /run/httpd.pid
		exec httpd -f /usr/local/apache2/conf/httpd.conf -DFOREGROUND "$@"
	END
}

postgres_layer() {
	dir=$(echo /usr/lib/postgresql/*)
	share=/usr/share/postgresql/$(basename "$dir")
	# Compiled queries bring LLVM: ten times the size of the rest.
	put postgres $dir/bin $(find "$dir/lib" -maxdepth 1 -name '*.so' ! -name 'llvmjit*') "$share" \
		/usr/share/postgresql-common /usr/share/zoneinfo /usr/bin/locale
	mkdir -p $out/postgres/var/lib/postgresql/data $out/postgres/docker-entrypoint-initdb.d $out/postgres/usr/local/bin
	chown -R 998:998 $out/postgres/var/lib/postgresql
	for program in "$dir"/bin/*; do ln -s "$program" $out/postgres/usr/local/bin/; done
	file 755 postgres/usr/local/bin/docker-entrypoint.sh <<-'END'
		#!/bin/bash
		set -e
		case "${1-}" in -*) set -- postgres "$@" ;; esac
		if [ "${1-}" != postgres ]; then exec "$@"; fi
		export PGDATA="${PGDATA:-/var/lib/postgresql/data}"
		mkdir -p "$PGDATA" /run/postgresql
		if [ "$(id -u)" = 0 ]; then
		    chown -R postgres:postgres "$PGDATA" /run/postgresql
		    chmod 700 "$PGDATA"
		    exec setpriv --reuid=postgres --regid=postgres --clear-groups "$0" "$@"
		fi
		for name in POSTGRES_PASSWORD POSTGRES_USER POSTGRES_DB; do
		    from="${name}_FILE"
		    if [ -n "${!from:-}" ]; then export "$name=$(cat "${!from}")"; fi
		done
		if [ ! -s "$PGDATA/PG_VERSION" ]; then
		    method="${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}"
		    if [ -z "${POSTGRES_PASSWORD:-}" ] && [ "$method" != trust ]; then
		        echo 'Error: Database is uninitialized and superuser password is not specified.' >&2
		        echo '       You must specify POSTGRES_PASSWORD to a non-empty value for the superuser.' >&2
		        exit 1
		    fi
		    user="${POSTGRES_USER:-postgres}"
		    initdb --username="$user" --pwfile=<(printf '%s\n' "${POSTGRES_PASSWORD:-unused}") \
		        --auth-local=trust --auth-host="$method" --locale=C.UTF-8 --encoding=UTF8 ${POSTGRES_INITDB_ARGS:-}
		    echo "host all all all $method" >>"$PGDATA/pg_hba.conf"
		    pg_ctl -w -o "-c listen_addresses=''" start
		    db="${POSTGRES_DB:-$user}"
		    if [ "$db" != postgres ]; then
		        psql -v ON_ERROR_STOP=1 -U "$user" -d postgres -v db="$db" <<<'CREATE DATABASE :"db";'
		    fi
		    for script in /docker-entrypoint-initdb.d/*; do
		        case "$script" in
		            *.sh) . "$script" ;;
		            *.sql) psql -v ON_ERROR_STOP=1 -U "$user" -d "$db" -f "$script" ;;
		        esac
		    done
		    pg_ctl -m fast -w stop
		fi
		exec "$@" -c listen_addresses='*'
	END
}

for layer in busybox common nginx redis httpd postgres; do
	rm -rf ${out:?}/$layer
	${layer}_layer
	tar -c -C $out/$layer --sort=name --numeric-owner --mtime='2024-01-01 00:00Z' -f $out/$layer.tar .
done
for layer in busybox common nginx redis httpd postgres; do rm -rf ${out:?}/$layer; done
