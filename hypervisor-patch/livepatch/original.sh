# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the patched function begins with, taken from the running binary's xen-syms.

readonly patched_function=arch_do_sysctl
readonly jump_bytes=5   # what live patching overwrites (4 more behind an ENDBR64)

symbol_field() { # syms symbol field(1 address, 2 size)
    nm -S "$1" | awk -v s="$2" -v f="$3" '$4 == s && $3 ~ /[Tt]/ {print $f}'
}

# "bytes" of each instruction, one per line, as long as fewer than $3 bytes were printed.
leading_instructions() { # syms address least
    objdump -d --insn-width=16 --start-address="0x$2" --stop-address=$((0x$2 + 31)) "$1" |
        awk -F'\t' -v least="$3" '
            NF >= 3 && had < least {
                n = split($2, b, " ")
                had += n
                print $2 "\t" $3
            }'
}

# Only instructions that mean the same wherever they lie may be moved.
check_movable() { # file of leading instructions
    if grep -P '\t(j|call|ret|loop|int|ud2|syscall)|%rip' "$1"; then
        die "$patched_function begins with an instruction that cannot be moved (above): this hypervisor needs another hook"
    fi
}

original_write() { # syms header
    local syms=$1 header=$2 address size least=$jump_bytes insns bytes length
    address=$(symbol_field "$syms" $patched_function 1)
    size=$(symbol_field "$syms" $patched_function 2)
    if [ -z "$address" ] || [ -z "$size" ]; then
        die "'$syms' has no function $patched_function"
    fi

    insns=$(mktemp)
    leading_instructions "$syms" "$address" 4 >"$insns"
    grep -q endbr64 "$insns" && least=$((jump_bytes + 4))
    leading_instructions "$syms" "$address" "$least" >"$insns"
    check_movable "$insns"
    bytes=$(cut -f1 "$insns" | tr -s ' \n' '\n' | sed '/^$/d; s/^/0x/' | paste -sd,)
    rm -f "$insns"
    length=$(tr -cd , <<<"$bytes" | wc -c)
    length=$((length + 1))
    [ "$length" -ge "$least" ] && [ "$length" -le 31 ] || die "cannot read $patched_function in '$syms'"

    cat >"$header.new" <<TXT
/* Made by livepatch/build from xen-syms. */
#define ORIGINAL_BYTES   $bytes
#define ORIGINAL_LENGTH  $length
#define ORIGINAL_SIZE    $((0x$size))
#define REPLACEMENT_SIZE 5 /* live patching needs room for its jump, no more */
TXT
    if cmp -s "$header.new" "$header"; then rm "$header.new"; else mv "$header.new" "$header"; fi
}
