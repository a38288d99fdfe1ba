# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What more kinds of guests need in dom0 than PV and PVH guests with dom0's own kernel (run --guest-kinds): the device model of
# HVM guests with its firmware, the boot loader of their disks and of PVH guests whose kernel is to unpack itself, and packed
# kernels: dom0's own and one of another version.

# xh_kinds_packages: the device model and GRUB, with the libraries that they need beside dom0's.
xh_kinds_packages()
{
	[[ $XH_DISTRO == bookworm ]] || return 0
	printf '%s\n' qemu-system-xen qemu-system-data seabios grub-common grub-pc-bin grub-xen-bin libdevmapper1.02.1 libdw1 libelf1 libffi8 libglib2.0-0 libgstreamer1.0-0 \
		libgstreamer-plugins-base1.0-0 libjpeg62-turbo liblz4-1 libopus0 liborc-0.4-0 libpcre2-8-0 libpixman-1-0 libsasl2-2 libselinux1 \
		libspice-server1 libssl3 libstdc++6 libudev1 libunwind8 libusb-1.0-0
}

# A guest's kernel of another version; Debian's for clouds, because its package is small.
xh_get_guest_kernel()
{
	local package

	package=$(xh_apt apt-cache show "linux-image-cloud-amd64=$1" | sed -n 's/^Depends: \(linux-image-[^ ]*-cloud-amd64\).*/\1/p')
	[[ $package ]] || return
	rm -rf "$XH_KINDS_DIR.new"/debs/linux-*
	xh_download "$XH_KINDS_DIR.new/debs" "$package=$1"
}

# xh_build_grub ROOT IMAGE: what a disk begins with: GRUB, whose configuration is 4 KiB at sector 1024 (dom0/functions.sh).
xh_build_grub()
{
	local libraries='' d

	for d in "$1" "$XH_ROOT"; do libraries+=:$d/lib/x86_64-linux-gnu:$d/usr/lib/x86_64-linux-gnu; done
	printf 'configfile (hd0)1024+8\n' >"$2.config"
	"$XH_ROOT/lib64/ld-linux-x86-64.so.2" --library-path "${libraries#:}" "$1/usr/bin/grub-mkimage" -O i386-pc \
		-d "$1/usr/lib/grub/i386-pc" -p '(hd0)' -c "$2.config" -o "$2.core" biosdisk linux configfile minicmd normal
	cat "$1/usr/lib/grub/i386-pc/boot.img" "$2.core" >"$2"
	rm "$2.config" "$2.core"
}

# xh_build_kinds DIR: of what was unpacked into DIR/root, as DIR/kinds.cpio.
xh_build_kinds()
{
	local t=$1/tree guest=$1/tree/usr/lib/xenhost/guest boot=usr/lib/xen-$XH_XEN_BRANCH/boot

	mkdir -p "$guest" "$t"/usr/{libexec,share/qemu/keymaps,share/seabios} "$t/$boot"
	cp "$1/root/usr/libexec/xen-qemu-system-i386" "$t/usr/libexec/"
	cp "$1/root/usr/share/qemu/kvmvapic.bin" "$t/usr/share/qemu/"
	cp "$1/root/usr/share/qemu/keymaps/en-us" "$t/usr/share/qemu/keymaps/"
	cp -L "$1/root/usr/share/seabios/bios-256k.bin" "$t/usr/share/seabios/"
	cp "$XH_XEN_ROOT/$boot/hvmloader" "$t/$boot/"
	mkdir -p "$t/usr/bin" "$t/usr/lib/grub"
	cp "$1/root/usr/bin/grub-mkimage" "$t/usr/bin/"
	cp -r "$1/root/usr/lib/grub/i386-xen_pvh" "$t/usr/lib/grub/"
	xh_copy_libs "$t" "$t/usr/libexec/xen-qemu-system-i386" "$t/usr/bin/grub-mkimage"
	xh_build_grub "$1/root" "$guest/grub.img"
	cp "$XH_ROOT/boot/vmlinuz-$(<"$XH_HOST_DIR/kernel-release")" "$guest/vmlinuz"
	cp "$1"/root/boot/vmlinuz-*-cloud-amd64 "$guest/vmlinuz-other"
	xh_cpio "$t" "$1/kinds.cpio"
}

# xh_prepare_kinds: only who asks for these guests needs it (50 MB of downloads).
xh_prepare_kinds()
{
	local stamp packages dir=$XH_KINDS_DIR.new

	packages=$(xh_kinds_packages)
	[[ $packages ]] || xh_die "$XH_EX_USAGE" "the device model's packages are not known for $XH_DISTRO" "use --release bookworm"
	stamp=$({ xh_fingerprint "$XH_HOST_DIR/stamp" "$XH_XEN_DIR/stamp" "$XH_LIB/kinds.sh" "$XH_LIB/images.sh"; xh_pins guest-kernel; } | sha256sum | cut -c1-32)
	! xh_is_complete "$XH_KINDS_DIR" "$stamp" || return 0
	rm -rf "$dir"
	mkdir -p "$dir/debs" "$dir/root" "$dir/tree"
	xh_apt_fresh
	# shellcheck disable=SC2086
	xh_step "$XH_LOG" "downloading the device model of HVM guests (about 15 MB)" xh_download "$dir/debs" $packages
	xh_say "downloading a guest's kernel of another version (about 35 MB)"
	# shellcheck disable=SC2046
	xh_apt_add $(xh_suites guest-kernel)
	xh_try_versions guest-kernel linux-image-cloud-amd64 xh_get_guest_kernel
	xh_apt_init "$XH_DISTRO"
	xh_step "$XH_LOG" "unpacking them" xh_unpack "$dir/debs" "$dir/root"
	xh_step "$XH_LOG" "packing them for the initramfs" xh_build_kinds "$dir"
	rm -rf "$dir/root" "$dir/tree"
	xh_complete "$XH_KINDS_DIR" "$stamp"
}
