# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Where things lie in the cache, for people and scripts: eval "$(tools/testbed/xenhost paths)"

# xh_release_options ARG…: "--release R" and "--xen-only" are all that these commands take.
xh_release_options()
{
	local release=bookworm
	XH_ONLY=''
	while (( $# )); do
		case $1 in
		--release) release=${2:?--release needs a name}; shift 2 ;;
		--xen-only) XH_ONLY=xen; shift ;;
		*) xh_die "$XH_EX_USAGE" "unknown argument '$1'" "xenhost --help" ;;
		esac
	done
	xh_release "$release"
}

xh_cmd_prepare()
{
	xh_release_options "$@"
	xh_prepare "$XH_ONLY"
	xh_say "prepared: Xen $(<"$XH_XEN_DIR/version") ($XH_RELEASE)${XH_ONLY:- and kernel $(<"$XH_HOST_DIR/kernel-release")}, in $XH_CACHE"
}

xh_path()
{
	printf '%s=%q\n' "$1" "$2"
}

xh_paths_xen()
{
	local image=xen-$XH_XEN_BRANCH-amd64 debug=$XH_XEN_ROOT/usr/lib/debug/boot/xen-syms-$XH_XEN_BRANCH-amd64

	xh_path XEN_RELEASE "$XH_RELEASE"
	xh_path XEN_BRANCH "$XH_XEN_BRANCH"
	xh_path XEN_VERSION "$(<"$XH_XEN_DIR/version")"
	xh_path XEN_BUILD_ID "$(<"$XH_XEN_DIR/build-id")"
	xh_path XEN_GZ "$XH_XEN_ROOT/boot/$image.gz"
	xh_path XEN_ELF "$XH_XEN_DIR/xen"
	xh_path XEN_CONFIG "$XH_XEN_ROOT/boot/$image.config"
	xh_path XEN_SYMS "$debug"
	xh_path XEN_SYMS_MAP "$debug.map"
	xh_path XEN_SRC "$XH_XEN_DIR/src"
	xh_path XEN_ROOT "$XH_XEN_ROOT"
}

xh_paths_host()
{
	local kernel
	kernel=$(<"$XH_HOST_DIR/kernel-release")
	xh_path DEBROOT "$XH_ROOT"
	xh_path KERNEL_RELEASE "$kernel"
	xh_path KERNEL "$XH_ROOT/boot/vmlinuz-$kernel"
	xh_path KERNEL_ELF "$XH_HOST_DIR/vmlinux"
	xh_path KERNEL_MAP "$XH_ROOT/boot/System.map-$kernel"
	xh_path KERNEL_HEADERS "$XH_ROOT/usr/src/linux-headers-$kernel"
	xh_path QEMU "$XH_QEMU_BIN"
	xh_path KERNEL_MODULES "$XH_ROOT/lib/modules/$kernel"
}

xh_cmd_paths()
{
	xh_release_options "$@"
	[[ -e $XH_XEN_DIR/stamp ]] ||
		xh_die "$XH_EX_PREPARE" "release $XH_RELEASE is not in the cache $XH_CACHE" "run: xenhost prepare --release $XH_RELEASE"
	xh_paths_xen
	[[ $XH_ONLY != xen ]] || return 0
	[[ -e $XH_HOST_DIR/stamp ]] ||
		xh_die "$XH_EX_PREPARE" "of release $XH_RELEASE only the hypervisor is in the cache $XH_CACHE" \
			"run: xenhost prepare --release $XH_RELEASE (or ask for paths --xen-only)"
	xh_paths_host
}
