# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# A copy of Xen's tree that objects of live patches are compiled in, and what makes an object a live patch.
# Callers set tree, config and work (see build) and define die.

# A copy of what the hypervisor's build needs; the source tree stays as it is.
copy_tree() {
    mkdir -p "$work"
    if [ ! -e "$work/xen/.copied" ]; then
        cp -a "$tree/xen" "$tree/Config.mk" "$tree/config" "$work/"
        cp -a "$tree/scripts" "$tree/version.sh" "$work/" 2>/dev/null || true
        touch "$work/xen/.copied"
    fi
    cmp -s "$config" "$work/xen/.config" || cp "$config" "$work/xen/.config"
}

# Xen's Makefile makes the generated headers on the way to the hypervisor: a target
# that stops there saves building the rest. Only our copy's Makefile gets it.
add_headers_target() {
    local makefile=$work/xen/Makefile
    grep -q '^xprof-headers:' "$makefile" && return
    awk '
        { line[NR] = $0 }
        /^\$\(TARGET\): / { at = NR }
        END {
            for (i = 1; i <= NR; i++) {
                if (i == at) {
                    rule = line[i]; sub(/^\$\(TARGET\)/, "xprof-headers", rule); print rule
                    for (j = at + 1; line[j] ~ /^\t/; j++)
                        if (line[j] !~ /\$@$/) print line[j]
                    print ""
                }
                print line[i]
            }
        }' "$makefile" >"$makefile.new"
    mv "$makefile.new" "$makefile"
}

# What our own make was given (O, -j) is not Xen's.
xen_make() {
    env -u MAKEFLAGS -u O make -s -C "$work/xen" -j"$(nproc)" XEN_TARGET_ARCH=x86_64 EXTRA_CFLAGS_XEN_CORE=-DXPROF_LIVEPATCH "$@" \
        >>"$work/log" 2>&1 </dev/null ||
        { tail -n 30 "$work/log" >&2; die "Xen's build failed; whole log: $work/log"; }
}

# xen_compile OBJECT…: after the headers that they need.
xen_compile() {
    : >"$work/log"
    xen_make olddefconfig
    xen_make xprof-headers
    # One after another: each object is a make of its own, which reads the .cmd files that those beside it are writing.
    xen_make -j1 "$@"
}

# note_of ELF FILE: its build-id note.
note_of() {
    objcopy -O binary --only-section=.note.gnu.build-id "$1" "$2"
    [ -s "$2" ] || die "'$1' has no build-id note"
}

# seal_payload OBJECT DEPENDS SYMS NAME OUT [objcopy's options]: the live patch OUT for the hypervisor SYMS, to be
# applied after DEPENDS (the hypervisor itself, or another live patch).
seal_payload() {
    local object=$1 name=$4 out=$5
    note_of "$2" "$work/$name.depends"
    note_of "$3" "$work/$name.xen_depends"
    printf 'description=%s\0' "$name" >"$work/$name.modinfo"
    objcopy "${@:6}" --strip-debug \
        --add-section .livepatch.depends="$work/$name.depends" --set-section-flags .livepatch.depends=alloc,readonly,data,contents \
        --add-section .livepatch.xen_depends="$work/$name.xen_depends" --set-section-flags .livepatch.xen_depends=alloc,readonly,data,contents \
        --add-section .modinfo="$work/$name.modinfo" --set-section-flags .modinfo=alloc,readonly,data,contents \
        --remove-section .comment --remove-section .note.GNU-stack --remove-section .discard \
        "$object" "$out"
}
