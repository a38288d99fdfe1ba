# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What a payload must not have, checked before anybody loads it.

init_range() { # syms -> "start end"
    nm "$1" | awk '$3 == "_sinittext" {s = $1} $3 == "_einittext" {e = $1} END {print s, e}'
}

# Everything it needs is in the hypervisor, and still there after boot.
verify_undefined() { # payload syms
    local start end name bad=0 bare address names
    names=$(nm "$2")
    read -r start end < <(init_range "$2")
    # The binary's names of static symbols lie behind '#' in its own table only; nm has the bare name.
    while read -r name; do
        bare=${name##*#}
        address=$(awk -v s="$bare" '$3 == s && !seen++ {print $1}' <<<"$names")
        if [ -z "$address" ]; then
            echo "needs '$name', which the hypervisor does not have" >&2
            bad=1
        elif [[ ! $address < $start && $address < $end ]]; then
            echo "needs '$name', which is gone after boot (init section)" >&2
            bad=1
        fi
    done < <(nm -u "$1" | awk '{print $2}')
    return $bad
}

# Xen refuses a payload that repeats the name of one of its global symbols.
verify_names() { # payload syms
    local same
    same=$(comm -12 <(nm --defined-only "$1" | awk '{print $3}' | sort -u) \
        <(nm "$2" | awk '$2 ~ /[A-Z]/ {print $3}' | sort -u))
    [ -z "$same" ] || { echo "repeats names of Xen's: $same" >&2; return 1; }
}

# CET-IBT: a function whose address is taken begins with ENDBR64.
verify_endbr() { # payload
    local target bad=0
    while read -r target; do
        objdump -d --disassemble="$target" "$1" | awk -F'\t' 'NF >= 3 && !seen++ {print $3}' | grep -q '^endbr64' ||
            { echo "address of '$target' is taken, but it does not begin with ENDBR64" >&2; bad=1; }
    done < <(taken_addresses "$1")
    return $bad
}

# Defined functions that a 64-bit relocation in data, or a LEA in text, refers to; live
# patching's own table is exempt: it is never called through.
taken_addresses() { # payload
    local functions
    functions=$(nm --defined-only "$1" | awk '$2 ~ /[Tt]/ {print $3}' | sort -u)
    {
        objdump -r "$1" | awk '
            /^RELOCATION RECORDS FOR/ {skip = $0 ~ /\.(livepatch\.funcs|altinstructions|bug_frames|ex_table)/}
            !skip && $2 == "R_X86_64_64" {sub(/[+-]0x.*/, "", $3); print $3}'
        objdump -dr "$1" | awk '/\tlea /{lea = 1; next} lea && /R_X86_64_(PC|PLT)32/ {sub(/[+-]0x.*/, "", $3); print $3} {lea = 0}'
    } | sed 's/^\.text\.//' | sort -u | comm -12 - <(echo "$functions")
}

verify_payload() { # payload syms
    verify_undefined "$1" "$2" && verify_names "$1" "$2" && verify_endbr "$1" ||
        die "the live patch is not fit to be loaded (above); left in $1"
}
