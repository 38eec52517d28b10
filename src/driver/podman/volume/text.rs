//! What a host's shell does for volumes: fixed texts, which are told everything by arguments.

/// The text of a hostPath, which a claim's volume can be as well.
macro_rules! host_path {
    () => {
        r#"path=$1 type=$2
fail() { printf 'hostPath type check failed: %s is not a %s\n' "$path" "$1" >&2; exit 1; }
[ -e "$path" ] || case $type in
  ''|DirectoryOrCreate) mkdir -p -m 0755 -- "$path" || exit ;;
  FileOrCreate) (umask 022; : >>"$path") || exit ;;
esac
case $type in
  Directory*) [ -d "$path" ] || fail directory ;;
  File*) [ -f "$path" ] || fail file ;;
  Socket) [ -S "$path" ] || fail 'socket file' ;;
  CharDevice) [ -c "$path" ] || fail 'character device' ;;
  BlockDevice) [ -b "$path" ] || fail 'block device' ;;
esac"#
    };
}

/// Gives what is in `$directory` to `$group`, if there is one.
///
/// Source of what a group is given: `SetVolumeOwnership` of Kubernetes' `pkg/volume/volume_linux.go`.
macro_rules! grant {
    () => {
        r#"if [ "$when" = mismatch ] && [ "$(stat -c %g -- "$directory")" = "$group" ]; then
  case $(stat -c %A -- "$directory") in d???rws*) group= ;; esac
fi
if [ -n "$group" ]; then
  chgrp -Rh -- "$group" "$directory"
  chmod -R ug+rwX -- "$directory"
  find "$directory" -type d -execdir chmod g+s {} +
fi"#
    };
}
pub(super) use grant;

/// Removes directories. What is mounted in them goes first, the last that was mounted before the others; no file of another
/// file system is removed, even where a mount would not go.
///
/// Arguments: the directories.
pub(super) const CLEAR: &str = r#"set -f
code=0
for directory; do
  [ -e "$directory" ] || continue
  places=
  while read -r device place rest; do
    case $place in "$directory"/*) places="$place $places" ;; esac
  done </proc/self/mounts
  for place in $places; do umount -l -- "$(printf %b "$place")"; done
  rm -rf --one-file-system -- "$directory" || code=1
done
exit "$code""#;

/// Makes an empty directory that any user of the pod may write to, as the kubelet makes it.
///
/// Arguments: the directory, the group that it is given to or nothing.
/// Source of what a group is given: `SetVolumeOwnership` of Kubernetes' `pkg/volume/volume_linux.go`.
pub(super) const EMPTY: &str = r#"set -e
umask 077
mkdir -p -- "$1"
chmod 0777 -- "$1"
[ -z "$2" ] || { chgrp -- "$2" "$1"; chmod g+s -- "$1"; }"#;

/// The text that mounts an empty file system of a type.
macro_rules! empty_of {
    ($type:literal) => {
        concat!(
            r#"set -e
umask 077
mkdir -p -- "$1" "${4%/*}"
mountpoint -q -- "$1" || mount -t "#,
            $type,
            r#" -o "$2" "#,
            $type,
            r#" "$1"
[ -z "$3" ] || { chgrp -- "$3" "$1"; chmod g+s -- "$1"; }
printf '%s\n' "$5" >"$4""#
        )
    };
}

/// Mounts an empty file system in memory, once, and marks it.
///
/// Arguments: the directory, the options, the group or nothing, the mark, what it says.
pub(super) const MEMORY: &str = empty_of!("tmpfs");

/// The same of huge pages.
pub(super) const HUGE_PAGES: &str = empty_of!("hugetlbfs");

/// Writes the files of a volume as the kubelet does, so that whoever reads them sees all of the old or all of the new: they
/// are unpacked beside the old ones, and one link is turned. The mark comes last, so that what was cut off is done again.
///
/// Arguments: the directory, `disk` or `memory`, the group that they are given to or nothing, the mark, what the files are made
/// from.
/// Source: <https://github.com/kubernetes/kubernetes/blob/master/pkg/volume/util/atomic_writer.go>
pub(super) const FILES: &str = r#"set -e
umask 077
directory=$1 medium=$2 group=$3 mark=$4 digest=$5
mkdir -p -- "$directory" "${mark%/*}"
if [ "$medium" = memory ] && ! mountpoint -q -- "$directory"; then
  mount -t tmpfs -o mode=0777,noswap tmpfs "$directory" 2>/dev/null ||
    mount -t tmpfs -o mode=0777 tmpfs "$directory"
fi
chmod 0777 -- "$directory"
cd -- "$directory"
old=$(readlink ..data || :)
new=..$digest
if [ "$old" = "$new" ]; then
  cat >/dev/null
else
  rm -rf -- "$new"
  mkdir -- "$new"
  tar -xpmf - -C "$new"
  chmod 0755 -- "$new"
  if [ -n "$group" ]; then
    chgrp -R -- "$group" "$new"
    chgrp -- "$group" .
    chmod -R ug+rX -- "$new"
    find . -type d -exec chmod g+s {} +
  fi
  ln -sfn -- "$new" ..data_tmp
  mv -T -- ..data_tmp ..data
fi
for path in "$new"/* "$new"/.[!.]*; do
  name=${path##*/}
  [ ! -e "$path" ] || [ -L "$name" ] || ln -s -- "..data/$name" "$name"
done
for name in * .[!.]*; do
  [ ! -L "$name" ] || [ -e "$name" ] || rm -f -- "$name"
done
for path in ..*; do
  case $path in ..|..data|"$new") ;; *) rm -rf -- "$path" ;; esac
done
printf '%s\n' "$digest" >"$mark""#;

/// Checks what is at a path of the host, and makes what may be made; the words are the kubelet's.
///
/// Arguments: the path, the type.
/// Source: <https://github.com/kubernetes/kubernetes/blob/master/pkg/volume/hostpath/host_path.go>
pub(super) const HOST_PATH: &str = host_path!();

/// The same for a claim's volume, which is marked then.
///
/// Arguments: the path, the type, the mark, what it says.
pub(super) const HOST_PATH_OF_CLAIM: &str =
    concat!(host_path!(), "\numask 077; mkdir -p -- \"${3%/*}\" && printf '%s\\n' \"$4\" >\"$3\"");

/// Makes a directory for a claim, which any user may write to, and marks it. What is there is somebody's data and stays as it is.
///
/// Arguments: the directory, the mark, what it says.
pub(super) const MAKE_VOLUME: &str = r#"set -e
umask 077
if [ ! -d "$1" ]; then
  mkdir -p -- "$1.new"
  chmod 0777 -- "$1.new"
  mv -T -- "$1.new" "$1"
fi
mkdir -p -- "${2%/*}"
printf '%s\n' "$3" >"$2.new"
mv -f -- "$2.new" "$2""#;

/// Lets go of what was made for a claim; the mark goes last. Nothing is deleted but what the mark names. A file system of its own
/// is in a file beside the directory, which is no more than the place where it is mounted.
///
/// Arguments: the directory, the mark, `delete` or `keep` for what is in it.
pub(super) const RELEASE_VOLUME: &str = r#"set -e
[ -e "$2" ] || exit 0
{ read -r fleet namespace claim path; read -r word size || size=; } <"$2"
if [ "$path" != "$1" ]; then
  printf '%s is not the directory that was made\n' "$1" >&2
  exit 1
fi
if [ -n "$size" ]; then
  ! mountpoint -q -- "$1" || umount -- "$1"
  [ ! -d "$1" ] || rmdir -- "$1"
fi
[ "$3" = keep ] || rm -rf --one-file-system -- "$1" ${size:+"$1.img"}
rm -f -- "$2""#;

/// Looks whether a directory is there, gives it to the pod's group, and marks it as the pod's.
///
/// Arguments: the directory, the group or nothing, `always` or `mismatch`, the mark, what it says.
pub(super) const DIRECTORY: &str = concat!(
    r#"set -e
directory=$1 group=$2 when=$3 mark=$4 says=$5
if [ ! -d "$directory" ]; then
  printf 'path "%s" does not exist\n' "$directory" >&2
  exit 1
fi
if [ -e "$directory.img" ] && ! mountpoint -q -- "$directory"; then
  printf '%s.img is not mounted: it has the data of %s\n' "$directory" "$directory" >&2
  exit 1
fi
"#,
    grant!(),
    r#"
umask 077
mkdir -p -- "${mark%/*}"
printf '%s\n' "$says" >"$mark""#
);

/// Mounts what an NFS server shares, once, and marks it.
///
/// Arguments: where, the share, the options, the mark, what it says.
pub(super) const SHARE: &str = r#"set -e
umask 077
case $2 in -*) printf '%s is no share\n' "$2" >&2; exit 1 ;; esac
mkdir -p -- "$1" "${4%/*}"
mountpoint -q -- "$1" || mount -t nfs ${3:+-o "$3"} "$2" "$1"
printf '%s\n' "$5" >"$4""#;

/// Prepares a mount of a volume, or of a part of it, which is made when it is not there.
///
/// A container may have put a link in the way. So every step is taken first and looked at then: the process stands in a
/// directory, or holds a file open, whose true place no link can change any more, and that is what is mounted.
///
/// Arguments: the volume, the part of it, where the mount is prepared, `throughout` when nothing within may be written to.
/// Source: <https://github.com/kubernetes/kubernetes/blob/master/pkg/volume/util/subpath/subpath_linux.go>
pub(super) const STAGE: &str = r#"set -ef
volume=$1 part=$2 target=$3 depth=$4
if mountpoint -q -- "$target"; then exit; fi
fail() { printf 'subPath `%s`: %s\n' "$part" "$1" >&2; exit 1; }
within() { case $1/ in "${root%/}"/*) ;; *) fail 'it leads out of the volume' ;; esac; }
root=$(realpath -e -- "$volume")
if [ -d "$root" ]; then cd -P -- "$root"; mode=$(stat -c %a .); last=.; else last=$root; fi
IFS=/
for step in $part; do
  [ -n "$step" ] && [ "$step" != . ] || continue
  if [ "$last" != . ]; then cd -P -- "./$last" || fail 'it leads through a file'; fi
  within "$(pwd -P)"
  [ -e "./$step" ] || { mkdir -- "./$step" && chmod "$mode" "./$step"; }
  last=$step
done
unset IFS
case $last in /*) ;; *) last=./$last ;; esac
[ -d "$last" ] || [ -f "$last" ] || [ -z "$part" ] || fail 'it is neither a directory nor a file'
umask 077
if [ -d "$last" ]; then mkdir -p -- "$target"; else mkdir -p -- "${target%/*}"; : >"$target"; fi
if [ -n "$part" ]; then
  exec 3<"$last"
  within "$(readlink "/proc/$$/fd/3")"
  mount -c --bind "/proc/$$/fd/3" "$target"
else
  mount --rbind "$root" "$target"
fi
[ "$depth" = throughout ] || exit 0
mount --make-rprivate "$target"
while read -r id parent device top place rest; do
  case $place/ in "$target"/*) mount -o remount,bind,ro "$(printf %b "$place")" ;; esac
done </proc/self/mountinfo"#;

/// Marks what is made once.
///
/// Arguments: the mark, what it says.
pub(super) const MARK: &str = r#"umask 077; mkdir -p -- "${1%/*}" && printf '%s\n' "$2" >"$1""#;
