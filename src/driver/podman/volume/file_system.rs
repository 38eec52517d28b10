//! Volumes that hold no more than their size: a file system of their own, in a file beside the directory that it is mounted on.
//!
//! The file is sparse, so a size takes nothing from the disk before something is written.

use super::text::grant;

/// Mounts a volume's file system on its directory, once. What nobody has mounted is put in order first, as a power cut may have
/// left it, and grows to the size of its file. Two pods of one volume come up at a time: the file itself is the lock.
///
/// Argument of the function: the directory.
macro_rules! attach {
    () => {
        r#"mend() {
  said=$(e2fsck "$@" 2>&1) || [ "$?" -eq 1 ] ||
    { printf '%s\nthe file system in %s needs a person: see e2fsck(8)\n' "$said" "$image" >&2; return 1; }
}
attach() (
  image=$1.img
  [ -f "$image" ] || { printf '%s is not there: it held the data of %s\n' "$image" "$1" >&2; exit 1; }
  exec 9<"$image" || exit
  flock 9 || exit
  ! mountpoint -q -- "$1" || exit 0
  if [ -z "$(losetup -j "$image")" ]; then
    mend -p "$image" || exit
    blocks=$(dumpe2fs -h "$image" 2>/dev/null | sed -n 's/^Block count: *//p')
    if [ "$(($(stat -c %s -- "$image") / 4096))" -gt "${blocks:-0}" ]; then
      mend -f -p "$image" || exit
      said=$(resize2fs "$image" 2>&1) || { printf '%s\n' "$said" >&2; exit 1; }
    fi
  fi
  mkdir -p -- "$1" && mount -t ext4 -o loop,discard -- "$image" "$1"
)
"#
    };
}

/// Says how large a file system is, beside whose it is.
macro_rules! sized {
    () => {
        r#"
mkdir -p -- "${mark%/*}"
printf '%s\nsize %s\n' "$says" "$size" >"$mark.new"
mv -f -- "$mark.new" "$mark""#
    };
}

/// Makes a file system for a claim, which any user may write to, mounts and marks it. It is made beside its place, so that
/// what was cut off is made anew; one that is there is somebody's data and stays as it is.
///
/// Of each size it is the same: blocks of 4096 bytes, an inode for 16384, nothing set aside for root, an empty root.
///
/// Arguments: the directory, the mark, what it says, the size in bytes.
/// Source: mke2fs(8).
pub(super) const MAKE_FILE_SYSTEM: &str = concat!(
    attach!(),
    r#"set -e
umask 077
directory=$1 mark=$2 says=$3 size=$4 new=$1.new
for tool in mkfs.ext4 e2fsck dumpe2fs resize2fs losetup; do
  command -v "$tool" >/dev/null && continue
  printf '%s is not there: a claim with a limit needs e2fsprogs on its host\n' "$tool" >&2
  exit 1
done
if [ ! -e "$directory.img" ]; then
  if [ -d "$directory" ] && ! rmdir -- "$directory" 2>/dev/null; then
    printf '%s has files in it, and no file system of its own\n' "$directory" >&2
    exit 1
  fi
  clear() { ! mountpoint -q -- "$new" || umount -- "$new"; rm -rf --one-file-system -- "$new" "$new.img"; }
  clear
  trap clear EXIT
  mkdir -p -- "$new"
  truncate -s "$size" -- "$new.img"
  mkfs.ext4 -q -F -b 4096 -I 256 -i 16384 -m 0 -e remount-ro -E lazy_journal_init=1 "$new.img"
  mount -t ext4 -o loop -- "$new.img" "$new"
  rmdir -- "$new/lost+found"
  chmod 0777 -- "$new"
  umount -- "$new"
  mv -T -- "$new.img" "$directory.img"
fi
attach "$directory"
size=$(stat -c %s -- "$directory.img")"#,
    sized!()
);

/// Lets a file system grow, while it is in use where the kernel lets root do so, and marks it. Where it does not
/// (`CAP_SYS_RESOURCE` is missing, as in containers), it grows as soon as no pod has it.
///
/// Arguments: the directory, the mark, what it says, the size in bytes, what the marks of its pods say.
/// Source: resize2fs(8).
pub(super) const GROW_FILE_SYSTEM: &str = concat!(
    attach!(),
    r#"set -e
umask 077
directory=$1 mark=$2 says=$3 size=$4
attach "$directory"
[ "$(stat -c %s -- "$directory.img")" -ge "$size" ] || truncate -s "$size" -- "$directory.img"
grown() { device=$(findmnt -n -r -o SOURCE -M "$directory") && losetup -c "$device" && said=$(resize2fs "$device" 2>&1); }
fail() {
  why=$(printf '%s\n' "$said" | sed -n 's/^resize2fs: //p')
  printf '%s\nit grows when no pod has it any more, or after a reboot: %s\n' "$said" "$why" >&2
  exit 1
}
if ! grown; then
  ! grep -qsxF -- "$5" /var/lib/bowline/filled/*/*.claim || fail
  umount -- "$directory"
  attach "$directory"
  grown || fail
fi"#,
    sized!()
);

/// Mounts a volume's file system where a pod needs it, gives it to the pod's group, and marks it: on the disk as the pod's, and
/// in memory as mounted, which it is no more after a reboot.
///
/// Arguments: the directory, the group or nothing, `always` or `mismatch`, the mark in memory, what it says, the mark on the
/// disk, the pod's directory in memory.
pub(super) const FILE_SYSTEM: &str = concat!(
    attach!(),
    r#"set -e
directory=$1 group=$2 when=$3 mark=$4 says=$5
umask 077
mkdir -p -- "${mark%/*}" "${6%/*}"
printf '%s\n' "$says" >"$6"
attach "$directory"
mkdir -p -- "$7"
"#,
    grant!(),
    r#"
printf '%s\n' "$says" >"$mark""#
);
