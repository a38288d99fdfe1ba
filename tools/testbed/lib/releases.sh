# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What belongs to a release: its packages and the versions chosen for them.

# xh_release NAME: sets what is fixed for a release.
# shellcheck disable=SC2034
xh_release()
{
	XH_RELEASE=$1
	case $1 in
	bookworm | bookworm-security) XH_DISTRO=bookworm XH_XEN_BRANCH=4.17 ;;
	trixie)                       XH_DISTRO=trixie   XH_XEN_BRANCH=4.20 ;;
	*) xh_die "$XH_EX_USAGE" "unknown release '$1'" "one of: bookworm, bookworm-security, trixie" ;;
	esac
	XH_HOST_DIR=$XH_CACHE/$XH_DISTRO
	XH_XEN_DIR=$XH_CACHE/xen-$XH_RELEASE
	XH_PERF_DIR=$XH_CACHE/$XH_DISTRO-perf
	XH_KINDS_DIR=$XH_CACHE/kinds-$XH_RELEASE
	XH_ROOT=$XH_HOST_DIR/root
	XH_IMAGES=$XH_REPO/build/testbed/$XH_RELEASE
	XH_XEN_ROOT=$XH_XEN_DIR/root
	export XH_RELEASE
}

# xh_host_packages: what dom0 needs beside Xen's own packages and the kernel.
xh_host_packages()
{
	printf '%s\n' bash busybox-static libc6 libgcc-s1 zlib1g libbz2-1.0 liblzma5 libzstd1 liblzo2-2 \
		libncurses6 libtinfo6 libyajl2 libuuid1 libnl-3-200 libnl-route-3-200 libfdt1
}

# xh_perf_packages: the kernel's own profiler, with the libraries that it needs beside dom0's.
xh_perf_packages()
{
	[[ $XH_DISTRO == bookworm ]] || return 0
	printf '%s\n' linux-perf libbabeltrace1 libcap2 libcrypt1 libdw1 libelf1 libexpat1 libglib2.0-0 libnuma1 libopencsd1 \
		libpcre2-8-0 libperl5.36 libpython3.11 libslang2 libstdc++6 libunwind8
}

# xh_kernel_packages ABI VERSION: the kernel and what builds a module for it (an ABI: "6.1.0-56", "6.12.9+deb13").
xh_kernel_packages()
{
	local kbuild
	kbuild=$(xh_apt apt-cache show "linux-headers-$1-amd64=$2" | grep -o -m1 'linux-kbuild-[^ ,]*')
	printf '%s=%s\n' "linux-image-$1-amd64" "$2" "linux-headers-$1-amd64" "$2" "linux-headers-$1-common" "$2" "$kbuild" "$2"
}

# xh_xen_packages VERSION: the hypervisor, its debug symbols, its tools and their libraries.
xh_xen_packages()
{
	local p b=$XH_XEN_BRANCH
	for p in "xen-hypervisor-$b-amd64" "xen-hypervisor-$b-amd64-dbg" "xen-utils-$b" xen-utils-common xenstore-utils \
		"libxenmisc$b" libxencall1 libxendevicemodel1 libxenevtchn1 libxenforeignmemory1 libxengnttab1 \
		libxenhypfs1 libxenstore4 libxentoolcore1 libxentoollog1; do
		printf '%s=%s\n' "$p" "$1"
	done
}

# xh_pins WHAT: "suites<TAB>version" of every pin of this release, in the file's order.
xh_pins()
{
	awk -v OFS='\t' -v r="$XH_RELEASE" -v d="$XH_DISTRO" -v what="$1" \
		'$1 !~ /^#/ && $3 == what && $1 == (what == "xen" ? r : d) { print $2, $4 }' "$XH_TESTBED/pins"
}

# xh_suites WHAT: the suites to search for it, best first: those of this release's newest pin.
xh_suites()
{
	xh_pins "$1" | head -n 1 | cut -f1 | tr ',' ' '
}

# xh_candidates WHAT PACKAGE: versions to try, best first: served pins, then all that is served.
xh_candidates()
{
	local what=$1 package=$2 served suite

	served=$(for suite in $(xh_suites "$what"); do xh_apt_versions "$package" "$suite"; done)
	{
		xh_pins "$what" | cut -f2 | while read -r v; do grep -Fx -- "$v" <<<"$served" || :; done
		printf '%s\n' "$served"
	} | awk 'NF && !seen[$0]++'
}
