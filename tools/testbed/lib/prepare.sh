# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Fills the cache: downloads (signed lists, so checked), unpacks, makes usable from where it lies.
# A part that is complete has a stamp; a later run then needs nothing from outside.

XH_LAYOUT=1 # of the cache; a change makes a new download

# xh_stamp WHAT LISTER: what a complete part was made from: layout, pins, package names.
xh_stamp()
{
	{ printf '%s\n' "$XH_LAYOUT"; xh_pins "$1"; "$2" ''; } | sha256sum | cut -c1-32
}

# xh_download DIR PACKAGE…: .deb files into DIR.
xh_download()
{
	local dir=$1
	shift
	(cd "$dir" && xh_apt apt-get -q download "$@")
}

# xh_unpack DEBS ROOT: with /usr merged: older packages still ship /bin and /lib, newer ones only /usr's.
xh_unpack()
{
	local deb d
	for d in bin sbin lib lib64; do
		mkdir -p "$2/usr/$d"
		ln -s "usr/$d" "$2/$d"
	done
	for deb in "$1"/*.deb; do
		dpkg-deb --fsys-tarfile "$deb" | tar -C "$2" -xf - --keep-directory-symlink --no-same-owner
	done
}

# xh_complete DIR STAMP_VALUE: moves DIR.new to DIR and stamps it.
xh_complete()
{
	(cd "$1.new" && find debs -type f -exec sha256sum {} + >SHA256SUMS)
	printf '%s\n' "$2" >"$1.new/stamp"
	rm -rf "$1"
	mv "$1.new" "$1"
}

# xh_is_complete DIR STAMP_VALUE
xh_is_complete()
{
	[[ -e $1/stamp && $(<"$1/stamp") == "$2" ]]
}

# xh_try_versions WHAT PACKAGE FUNCTION: calls FUNCTION VERSION for each candidate until one works.
# A version whose binary is served may have lost its source (and the other way round): that one is passed over.
xh_try_versions()
{
	local what=$1 package=$2 get=$3 version tried='' pinned

	pinned=$(xh_pins "$what" | cut -f2)
	for version in $(xh_candidates "$what" "$package"); do
		if "$get" "$version" >>"$XH_LOG" 2>&1; then
			grep -Fxq -- "$version" <<<"$pinned" ||
				xh_say "note: no pinned version of $what is served any more; took $version, the newest served as a whole"
			XH_VERSION=$version
			return
		fi
		tried+=" $version"
		xh_say "note: $what $version is not served as a whole (source and binaries); trying the next"
	done
	xh_die "$XH_EX_PREPARE" "no version of $what can be fetched from $(xh_suites "$what") (tried:${tried:- none, package $package is not listed})" \
		"is the archive reachable? log: $XH_LOG"
}

xh_get_kernel()
{
	local abi dir=$XH_HOST_DIR.new

	abi=$(xh_apt apt-cache show "linux-image-amd64=$1" | sed -n 's/^Depends: linux-image-\([^ ]*\)-amd64.*/\1/p')
	[[ $abi ]] || return
	rm -rf "$dir"/debs/linux-* "$dir/kernel-release"
	# shellcheck disable=SC2046
	xh_download "$dir/debs" $(xh_kernel_packages "$abi" "$1") && printf '%s\n' "$abi-amd64" >"$dir/kernel-release"
}

# The headers' only absolute path is one include line.
xh_relocate_headers()
{
	local root=$1/root release=$2
	printf 'include %s/usr/src/linux-headers-%s-common/Makefile\n' "$root" "${release%-amd64}" \
		>"$1.new/root/usr/src/linux-headers-$release/Makefile"
}

# xh_extract_vmlinux VMLINUZ VMLINUX: the ELF kernel inside a bzImage. Xen, libxenguest and the CPU under
# emulation would otherwise each decompress the same xz stream (10 s a time).
xh_extract_vmlinux()
{
	local sects offset length

	sects=$(od -An -tu1 -j $((0x1f1)) -N 1 "$1")
	read -r offset length < <(od -An -tu4 -j $((0x248)) -N 8 "$1")
	dd if="$1" bs=64k iflag=skip_bytes,count_bytes,fullblock status=none \
		skip=$(( (sects + 1) * 512 + offset )) count=$((length - 4)) | xz -dc >"$2"
}

xh_prepare_host()
{
	local stamp release dir=$XH_HOST_DIR.new

	stamp=$(xh_stamp kernel xh_host_packages)
	! xh_is_complete "$XH_HOST_DIR" "$stamp" || return 0
	rm -rf "$dir"
	mkdir -p "$dir/debs" "$dir/root"
	xh_apt_fresh
	xh_say "downloading dom0's kernel, headers and libraries (about 100 MB)"
	xh_try_versions kernel linux-image-amd64 xh_get_kernel
	# shellcheck disable=SC2046
	xh_step "$XH_LOG" "downloading $XH_DISTRO's busybox, bash and libraries" xh_download "$dir/debs" $(xh_host_packages)
	xh_step "$XH_LOG" "unpacking them (about 10 s)" xh_unpack "$dir/debs" "$dir/root"
	release=$(<"$dir/kernel-release")
	xh_relocate_headers "$XH_HOST_DIR" "$release"
	xh_step "$XH_LOG" "indexing the kernel's modules" depmod -b "$dir/root" "$release"
	xh_step "$XH_LOG" "taking the ELF kernel out of vmlinuz" xh_extract_vmlinux "$dir/root/boot/vmlinuz-$release" "$dir/vmlinux"
	xh_complete "$XH_HOST_DIR" "$stamp"
}

# xh_prepare_perf: perf as an archive for the initramfs; only who boots without Xen needs it (15 MB of downloads).
xh_prepare_perf()
{
	local stamp packages dir=$XH_PERF_DIR.new

	packages=$(xh_perf_packages)
	[[ $packages ]] || xh_die "$XH_EX_USAGE" "perf's packages are not known for $XH_DISTRO" "use --release bookworm"
	stamp=$(xh_fingerprint "$XH_HOST_DIR/stamp" "$XH_LIB/releases.sh" "$XH_LIB/images.sh")
	! xh_is_complete "$XH_PERF_DIR" "$stamp" || return 0
	rm -rf "$dir"
	mkdir -p "$dir/debs" "$dir/root" "$dir/tree"
	xh_apt_fresh
	# shellcheck disable=SC2086
	xh_step "$XH_LOG" "downloading perf and its libraries (about 15 MB)" xh_download "$dir/debs" $packages
	xh_step "$XH_LOG" "unpacking them" xh_unpack "$dir/debs" "$dir/root"
	xh_step "$XH_LOG" "packing perf for the initramfs" xh_build_perf "$dir"
	rm -rf "$dir/root" "$dir/tree"
	xh_complete "$XH_PERF_DIR" "$stamp"
}

xh_get_xen()
{
	local dir=$XH_XEN_DIR.new

	rm -rf "$dir"
	mkdir -p "$dir/debs" "$dir/root"
	# shellcheck disable=SC2046
	xh_apt_has_source xen "$1" && xh_download "$dir/debs" $(xh_xen_packages "$1") &&
		(cd "$dir/debs" && xh_apt apt-get -q source --download-only "xen=$1") &&
		printf '%s\n' "$1" >"$dir/version"
}

# What the package says its hypervisor is: the .deb's own md5sum must hold, its SHA-256 is kept for every later run.
xh_record_xen()
{
	local deb=("$1"/debs/xen-hypervisor-*-amd64_*.deb) image=boot/xen-$XH_XEN_BRANCH-amd64.gz

	(cd "$1/root" && dpkg-deb --ctrl-tarfile "${deb[0]}" | tar -xO ./md5sums | grep " $image\$" | md5sum -c --quiet) || return
	dpkg-deb --fsys-tarfile "${deb[0]}" | tar -xO "./$image" | sha256sum | cut -d' ' -f1 >"$1/xen.gz.sha256"
	gzip -dc "$1/root/$image" >"$1/xen"
	readelf -nW "$1/xen" | sed -n 's/.*Build ID: //p' >"$1/build-id"
	[[ -s $1/build-id ]]
}

xh_prepare_xen()
{
	local stamp dir=$XH_XEN_DIR.new

	stamp=$(xh_stamp xen xh_xen_packages)
	! xh_is_complete "$XH_XEN_DIR" "$stamp" || return 0
	xh_apt_fresh
	xh_say "downloading Xen $XH_XEN_BRANCH of $XH_RELEASE, binaries and source (about 10 MB)"
	xh_try_versions xen "xen-hypervisor-$XH_XEN_BRANCH-amd64" xh_get_xen
	xh_step "$XH_LOG" "unpacking Xen $XH_VERSION" xh_unpack "$dir/debs" "$dir/root"
	xh_step "$XH_LOG" "unpacking its source" dpkg-source -x "$dir"/debs/xen_*.dsc "$dir/src"
	xh_step "$XH_LOG" "comparing the hypervisor with its package's checksums" xh_record_xen "$dir"
	xh_complete "$XH_XEN_DIR" "$stamp"
}

# xh_apt_fresh: fetches the lists once per process, only if something is missing.
xh_apt_fresh()
{
	[[ ${XH_APT_FRESH:-} != "$XH_DISTRO" ]] || return 0
	xh_apt_update "$XH_DISTRO" "$XH_LOG"
	XH_APT_FRESH=$XH_DISTRO
}

# xh_prepare [xen]: everything that a run of this release needs; with "xen", only what a build for its hypervisor needs.
# Holds the cache's lock until xh_unlock.
xh_prepare()
{
	xh_need dpkg-source dpkg-dev
	xh_need depmod kmod
	xh_need cpio cpio
	xh_need xz xz-utils
	xh_need readelf binutils
	mkdir -p "$XH_CACHE"
	export XH_LOG=$XH_CACHE/prepare-$XH_RELEASE.log
	xh_lock "$XH_CACHE/lock"
	xh_prepare_xen
	[[ ${1:-} != xen ]] || return 0
	xh_prepare_host
	xh_prepare_qemu
	xh_prepare_images
}
