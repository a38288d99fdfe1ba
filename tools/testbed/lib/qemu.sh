# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The emulator: QEMU from Debian's source with the patches in qemu/patches, built once into the cache. Every run uses it.

XH_QEMU_DIR=$XH_CACHE/qemu
XH_QEMU_BIN=${XENHOST_QEMU:-$XH_QEMU_DIR/bin/qemu-system-x86_64} # the variable: for who works on the patches

# Small: no network, no display, no USB; TCG with plugins is what a run needs.
XH_QEMU_CONFIGURE=(--target-list=x86_64-softmmu --without-default-features --enable-tcg --enable-plugins --enable-fdt
	--disable-docs --disable-werror --disable-debug-info --meson=/usr/bin/meson)

# xh_qemu_candidates: versions of the source to try, best first: served pins, then all that is served.
xh_qemu_candidates()
{
	local served
	served=$(xh_apt apt-cache madison qemu | awk '/Sources$/ { print $3 }')
	{
		xh_pins qemu | cut -f2 | while read -r v; do grep -Fx -- "$v" <<<"$served" || :; done
		printf '%s\n' "$served"
	} | awk 'NF && !seen[$0]++'
}

# xh_get_qemu VERSION: its source package, whose checksums apt verifies against the signed lists.
xh_get_qemu()
{
	local dir=$XH_QEMU_DIR/source.new

	rm -rf "$dir"
	mkdir -p "$dir/debs"
	(cd "$dir/debs" && xh_apt apt-get -q source --download-only "qemu=$1") && printf '%s\n' "$1" >"$dir/version"
}

xh_qemu_source_stamp()
{
	{ printf '%s\n' "$XH_LAYOUT"; xh_pins qemu; } | sha256sum | cut -c1-32
}

xh_prepare_qemu_source()
{
	local stamp version pinned
	stamp=$(xh_qemu_source_stamp)
	! xh_is_complete "$XH_QEMU_DIR/source" "$stamp" || return 0
	xh_apt_fresh
	xh_say "downloading the emulator's source (24 MB)"
	pinned=$(xh_pins qemu | cut -f2)
	for version in $(xh_qemu_candidates); do
		xh_get_qemu "$version" >>"$XH_LOG" 2>&1 || continue
		grep -Fxq -- "$version" <<<"$pinned" ||
			xh_say "note: no pinned version of qemu's source is served any more; took $version, the newest that is" | tee -a "$XH_LOG" >&2
		xh_complete "$XH_QEMU_DIR/source" "$stamp"
		return
	done
	xh_die "$XH_EX_PREPARE" "no source of qemu can be fetched (pinned: ${pinned//$'\n'/ })" "is the archive reachable? log: $XH_LOG"
}

# xh_qemu_patched TREE: the source, unpacked and patched.
xh_qemu_patched()
{
	local patch

	rm -rf "$1"
	dpkg-source -x "$XH_QEMU_DIR"/source/debs/qemu_*.dsc "$1"
	for patch in "$XH_TESTBED"/qemu/patches/*.patch; do
		(cd "$1" && patch -p1 --no-backup-if-mismatch <"$patch")
	done
}

# xh_qemu_files TREE: "SHA-256  file" of each, the build's left out.
xh_qemu_files()
{
	(cd "$1" && find . -path ./b -prune -o -type f -print0 | xargs -0 sha256sum | LC_ALL=C sort)
}

# xh_qemu_update FROM TO: makes TO what FROM is, touching only files that differ (with the time of now), so that a build in TO/b
# goes on from there.
xh_qemu_update()
{
	[[ -d $2/b ]] || { rm -rf "$2"; mv "$1" "$2"; return; }
	xh_qemu_files "$1" >"$1.files"
	xh_qemu_files "$2" >"$2.files"
	LC_ALL=C comm -13 "$1.files" "$2.files" | cut -c67- | (cd "$2" && xargs -r -d '\n' rm -f)
	{
		LC_ALL=C comm -23 "$1.files" "$2.files" | cut -c67-
		(cd "$1" && find . -type l -print)
	} | tar -C "$1" -cf - -T - | tar -C "$2" -xmf -
	rm -rf "$1" "$1.files" "$2.files"
}

# xh_build_qemu: a build that was there is brought up to date (a changed patch costs seconds, a new one 5 minutes).
xh_build_qemu()
{
	local tree=$XH_QEMU_DIR/tree

	xh_qemu_patched "$tree.new"
	xh_qemu_update "$tree.new" "$tree"
	mkdir -p "$tree/b" "$XH_QEMU_DIR/bin"
	cd "$tree/b"
	[[ $(cat configured 2>/dev/null) == "${XH_QEMU_CONFIGURE[*]}" ]] || {
		../configure "${XH_QEMU_CONFIGURE[@]}"
		printf '%s\n' "${XH_QEMU_CONFIGURE[*]}" >configured
	}
	ninja -j "$(nproc)" qemu-system-x86_64
	cp qemu-system-x86_64 "$XH_QEMU_BIN.new"
	mv "$XH_QEMU_BIN.new" "$XH_QEMU_BIN"
}

# xh_prepare_qemu: one for all releases, from the oldest's archive.
xh_prepare_qemu()
{
	[[ ${XENHOST_QEMU:-} ]] || (xh_release bookworm && xh_make_qemu)
}

# xh_make_qemu: the binary belongs to a source version, the patches and the configuration.
xh_make_qemu()
{
	local stamp

	xh_prepare_qemu_source
	stamp=$({ cat "$XH_QEMU_DIR/source/version" "$XH_TESTBED"/qemu/patches/*.patch; printf '%s\n' "${XH_QEMU_CONFIGURE[@]}"; } |
		sha256sum | cut -c1-32)
	! xh_is_complete "$XH_QEMU_DIR/bin" "$stamp" || return 0
	xh_need ninja ninja-build
	xh_need meson meson
	xh_need patch patch
	xh_step "$XH_LOG" "building the emulator: qemu $(<"$XH_QEMU_DIR/source/version") with our patches (about 5 minutes, once)" xh_build_qemu
	printf '%s\n' "$stamp" >"$XH_QEMU_DIR/bin/stamp"
}
