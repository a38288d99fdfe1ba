# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Builds what is booted, below build/testbed: dom0's base initramfs with the guests' kernel and initramfs in it.
# A run puts a small archive of its own behind it; the kernel unpacks one after the other.

XH_DOM0_PROGRAMS=(xl xenstored xenconsoled xenconsole xen-init-dom0 xen-livepatch xen-hptool xenpm xentrace
	xenctx xen-diag xenwatchdogd xenlockprof xen-cpuid xen-mceinj xen-hvmctx xen-mfndump xen-ucode xenstore-control)
XH_DOM0_MODULES=(virtio_pci virtio_console xen-privcmd xenfs xen-evtchn xen-gntdev xen-gntalloc)
XH_GUEST_MODULES=(drivers/xen/xen-privcmd drivers/net/xen-netfront drivers/net/xen-netback/xen-netback
	net/llc/llc net/802/stp net/bridge/bridge) # what workloads load by themselves
XH_DOM0_SPARE_MODULES=(xen-netback xen-blkback bridge e1000)

# xh_find_lib NAME: a library's path below one of the unpacked roots.
xh_find_lib()
{
	local root d
	for root in "$XH_XEN_ROOT" "$XH_ROOT" "$XH_PERF_DIR.new/root" "$XH_KINDS_DIR.new/root"; do
		for d in usr/lib/x86_64-linux-gnu lib/x86_64-linux-gnu "usr/lib/xen-$XH_XEN_BRANCH/lib/x86_64-linux-gnu"; do
			[[ -e $root/$d/$1 ]] && { printf '%s\t%s\n' "$root" "$d/$1"; return; }
		done
	done
	return 1
}

# xh_copy_libs DEST FILE…: libgcc_s (which libc loads by name to end threads) and what the ELF files need, and what that needs, in turn.
xh_copy_libs()
{
	local dest=$1 name root path
	local -A seen=()
	local queue=("${@:2}") next

	mkdir -p "$dest/lib/x86_64-linux-gnu"
	cp -L "$XH_ROOT/lib/x86_64-linux-gnu/libgcc_s.so.1" "$dest/lib/x86_64-linux-gnu/"
	while (( ${#queue[@]} )); do
		next=()
		while read -r name; do
			[[ -z ${seen[$name]:-} ]] || continue
			seen[$name]=1
			IFS=$'\t' read -r root path < <(xh_find_lib "$name") ||
				{ printf 'no package that was unpacked has the library %s\n' "$name"; return 1; }
			mkdir -p "$dest/${path%/*}"
			cp -L "$root/$path" "$dest/$path"
			next+=("$dest/$path")
		done < <(readelf -dW "${queue[@]}" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | sort -u)
		queue=("${next[@]}")
	done
}

# xh_copy_busybox DEST: busybox under all its names.
xh_copy_busybox()
{
	local path
	mkdir -p "$1"/{bin,sbin,usr/bin,usr/sbin}
	cp "$XH_ROOT/bin/busybox" "$1/bin/busybox"
	"$1/bin/busybox" --list-full | while read -r path; do
		[[ -e $1/$path ]] || ln -s /bin/busybox "$1/$path"
	done
}

# xh_copy_modules DEST LIST MODULE…: the modules with what they need; LIST names them in loading order.
xh_copy_modules()
{
	local dest=$1 list=$2 kernel path
	shift 2
	kernel=$(<"$XH_HOST_DIR/kernel-release")
	while read -r path; do
		path=${path#"$XH_ROOT"/}
		mkdir -p "$dest/${path%/*}"
		cp "$XH_ROOT/$path" "$dest/$path"
		printf '/%s\n' "$path" >>"$list"
	done < <(modprobe -d "$XH_ROOT" -S "$kernel" -a --show-depends "$@" | sed -n 's/^insmod \([^ ]*\).*/\1/p' | awk '!s[$0]++')
}

# xh_cpio TREE FILE: an uncompressed archive owned by root (decompressing under emulation costs more than reading).
xh_cpio()
{
	(cd "$1" && find . -mindepth 1 -print0 | LC_ALL=C sort -z | cpio -0 -o -H newc -R 0:0 --quiet) >"$2"
}

xh_build_dom0()
{
	local t=$1 bin=usr/lib/xen-$XH_XEN_BRANCH/bin p kernel

	kernel=$(<"$XH_HOST_DIR/kernel-release")
	mkdir -p "$t"/{dev,proc,sys,run,tmp,out,root,var/lib/xen,var/lib/xenstored,var/log/xen/console,etc/xen,etc/xenhost,"$bin",usr/sbin,usr/bin,lib64}
	ln -s /run "$t/var/run"
	printf 'root:x:0:0:root:/root:/bin/bash\n' >"$t/etc/passwd"
	printf 'root:x:0:\n' >"$t/etc/group"
	: >"$t/etc/xen/xl.conf"
	ln -s /run/lock "$t/var/lock"
	cp "$XH_ROOT/bin/bash" "$t/usr/bin/bash"
	for p in "${XH_DOM0_PROGRAMS[@]}"; do
		cp "$XH_XEN_ROOT/$bin/$p" "$t/$bin/$p"
		ln -s "/$bin/$p" "$t/usr/sbin/$p"
	done
	cp "$XH_XEN_ROOT/$bin/libxl-save-helper" "$t/$bin/"
	for p in "$XH_XEN_ROOT"/usr/bin/xenstore*; do cp -P "$p" "$t/usr/bin/"; done
	cp -L "$XH_ROOT/lib64/ld-linux-x86-64.so.2" "$t/lib64/"
	xh_copy_libs "$t" "$t/usr/bin/bash" "$t/$bin"/* "$t/usr/bin/xenstore"
	xh_copy_busybox "$t"
	ln -sf /usr/bin/bash "$t/bin/bash"
	xh_copy_modules "$t" "$t/etc/xenhost/modules" "${XH_DOM0_MODULES[@]}"
	xh_copy_modules "$t" /dev/null "${XH_DOM0_SPARE_MODULES[@]}"
	cp "$XH_ROOT/lib/modules/$kernel"/modules.{order,builtin,builtin.modinfo} "$t/lib/modules/$kernel/"
	depmod -b "$t" "$kernel"
	install -m 755 "$XH_TESTBED/dom0/init" "$t/init"
	install -m 644 "$XH_TESTBED/dom0/functions.sh" "$t/etc/xenhost/functions.sh"
	find "$XH_REPO/build/workloads" -maxdepth 1 -type f -exec cp {} "$t/usr/bin/" \;
}

# xh_build_guest TREE: a guest's initramfs: busybox, the workloads, an init that runs one of them.
xh_build_guest()
{
	local t=$1 name

	mkdir -p "$t"/{bin,sbin,dev,proc,tmp,workloads}
	cp "$XH_ROOT/bin/busybox" "$t/bin/busybox"
	for name in sh mount poweroff; do ln -s busybox "$t/bin/$name"; done
	cp "$XH_REPO"/build/workloads/guest/* "$t/workloads/"
	for name in "${XH_GUEST_MODULES[@]}"; do
		cp "$XH_ROOT/lib/modules/$(<"$XH_HOST_DIR/kernel-release")/kernel/$name.ko" "$t/workloads/"
	done
	install -m 755 "$XH_TESTBED/guest/init" "$t/init"
	install -m 755 -t "$t/sbin" "$XH_TESTBED"/guest/{poweroff,reboot}
}

# xh_build_perf DIR: perf, from what was unpacked into DIR/root, as DIR/perf.cpio.
xh_build_perf()
{
	local t=$1/tree

	mkdir -p "$t/usr/bin"
	cp "$1/root/usr/bin/perf" "$t/usr/bin/perf"
	xh_copy_libs "$t" "$t/usr/bin/perf"
	xh_cpio "$t" "$1/perf.cpio"
}

# xh_build_base DIR: everything, as DIR/base.cpio.
xh_build_base()
{
	local dir=$1 lib=$1/dom0/usr/lib/xenhost

	mkdir -p "$dir/dom0" "$dir/guest" "$lib/guest"
	xh_build_dom0 "$dir/dom0"
	xh_build_guest "$dir/guest"
	gcc -O2 -Wall -Wextra -Werror -shared -fPIC -o "$lib/domid.so" "$XH_TESTBED/dom0/domid.c"
	gcc -O2 -Wall -Wextra -Werror -static -o "$lib/seed" "$XH_TESTBED/dom0/seed.c"
	xh_cpio "$dir/guest" "$lib/guest/initramfs.cpio"
	ln "$XH_HOST_DIR/vmlinux" "$lib/guest/vmlinux" 2>/dev/null || cp "$XH_HOST_DIR/vmlinux" "$lib/guest/vmlinux"
	xh_cpio "$dir/dom0" "$dir/base.cpio"
	rm -rf "$dir/dom0" "$dir/guest"
}

# xh_prepare_images: made anew when a part changed.
xh_prepare_images()
{
	local dir=$XH_IMAGES stamp

	make -s -C "$XH_REPO/tools/workloads" O="$XH_REPO/build/workloads" >>"$XH_LOG" 2>&1 ||
		xh_die "$XH_EX_PREPARE" "the workloads do not build" "see the end of $XH_LOG"
	stamp=$(xh_fingerprint "$XH_HOST_DIR/stamp" "$XH_XEN_DIR/stamp" "$XH_LIB/images.sh" \
		"$XH_TESTBED"/{dom0,guest}/* "$XH_REPO"/build/workloads/guest/*)
	! xh_is_complete "$dir" "$stamp" || return 0
	rm -rf "$dir.new"
	mkdir -p "$dir.new"
	xh_step "$XH_LOG" "building dom0's and the guests' initramfs" xh_build_base "$dir.new"
	rm -rf "$dir"
	printf '%s\n' "$stamp" >"$dir.new/stamp"
	mv "$dir.new" "$dir"
}
