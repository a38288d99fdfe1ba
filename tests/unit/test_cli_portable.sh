#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A profile carries its names: xprof report says the same, byte for byte, on another machine. That machine is a root
# with the program and its libraries and nothing else (no /proc, /sys, /dev, /etc, Xen, debug files, caches), under
# another host name; then the same one with files at every place where names are looked for while recording, all wrong.
# testbed-1.0.xprof was recorded on the emulated host (make demo), its dom0 and two guests busy.
. tests/unit/cli.sh
unset XPROF_LIBDIR XPROF_RUNDIR
data=tests/data/profile

root=$dir/root
mkdir -p "$root"
cp "$xprof" "$root/xprof"
libraries=$(ldd "$xprof" | awk '$2 == "=>" { print $3 } $1 ~ /^\// { print $1 }')
for library in $libraries; do
	mkdir -p "$root/${library%/*}"
	cp -L "$library" "$root$library"
done
cp "$data"/*.xprof "$root/"

# elsewhere ARGUMENT...: xprof on the other machine
elsewhere() {
	env -i HOME=/ TZ=Pacific/Auckland LC_ALL=de_DE.UTF-8 unshare --user --map-root-user --mount --uts --net --ipc \
		sh -c 'hostname elsewhere.example && exec chroot "$0" /xprof "$@"' "$root" "$@" >"$dir/out" 2>"$dir/err"
	status=$?
}

elsewhere version
if [ $status -ne 0 ]; then
	echo "[  SKIPPED ] portable: xprof does not start in a bare root here: $(grep . "$dir/err" | head -1)"
	exit 0
fi

# same NAME ARGUMENT...: here and there
same() {
	name=$1
	shift
	(cd "$data" && "$xprof" "$@") >"$dir/here" 2>"$dir/here.err"
	elsewhere "$@"
	check "$name" '[ $status = 0 ] && [ -s "$dir/out" ] && cmp "$dir/here" "$dir/out" && [ ! -s "$dir/err" ]'
}
all() { # PREFIX
	same "$1__calls_of_chains-1.2" report -g --percent-limit 0 chains-1.2.xprof
	for profile in testbed-1.0 format-1.0 format-1.1 series-1.1 chains-1.2; do
		same "$1__report_of_$profile" report --percent-limit 0 "$profile.xprof"
		same "$1__json_of_$profile" report --json "$profile.xprof"
		same "$1__dump_of_$profile" dump --by-time "$profile.xprof"
	done
}
all bare_root
elsewhere report testbed-1.0.xprof
check bare_root__names_are_there 'grep -q "^ .* _spin_lock_irq$" "$dir/out" && grep -q "compute  *compute  *work_a$" "$dir/out" &&
	! grep -q elsewhere "$dir/out"'

# Each file that the profile names, and each that the recorder reads, exists there and would name things otherwise.
"$xprof" dump "$data/testbed-1.0.xprof" | sed -n 's/^image .* name=\(\/.*\)$/\1/p' | sort -u | while read -r file; do
	case " $(echo $libraries) " in *" $file "*) continue ;; esac
	mkdir -p "$root/${file%/*}"
	[ -e "$root$file" ] || cp "$xprof" "$root$file"
done
mkdir -p "$root/proc/xen" "$root/sys/kernel" "$root/usr/lib/debug/boot" "$root/run/xprof"
echo 'ffffffff81000000 T wrong_name' >"$root/proc/kallsyms"
echo 'ffff82d040200000 T wrong_name' >"$root/proc/xen/xensyms"
cp "$xprof" "$root/usr/lib/debug/boot/xen-syms-4.17-amd64"
check trap__there_are_other_files '[ -x "$root/usr/bin/compute" ] && [ -x "$root/usr/bin/bash" ]'
all trap
exit $failed
