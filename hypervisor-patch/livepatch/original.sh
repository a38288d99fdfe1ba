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

# The function that context_switch() calls last of all, and where it does. A body that is
# not the one call that funcs.c takes it for, or no such call: SWITCH_CALL is 0, and the
# patch does without (no exact counts).
readonly switch_function=update_vcpu_system_time

switch_write() { # syms
    local address size start body bytes call patched_at=0
    address=$(symbol_field "$1" $switch_function 1)
    size=$(symbol_field "$1" $switch_function 2)
    start=$(symbol_field "$1" context_switch 1)
    if [ -n "$address" ] && [ -n "$size" ] && [ -n "$start" ]; then
        body=$(objdump -d --insn-width=16 --disassemble=$switch_function "$1" | grep -P '^ffff[0-9a-f]*:\t')
        call=$(objdump -d --insn-width=16 --disassemble=context_switch "$1" |
            awk -F: '/call .*<'$switch_function'>/ && !seen++ {print $1}')
        objdump -d --disassemble=context_switch "$1" | awk -F'\t' 'NF >= 3 && !seen++ {print $3}' | grep -q endbr64 && patched_at=4
    fi
    if [ -z "${call:-}" ] || [ $((0x$size)) -gt 31 ] ||
        ! grep -qP '\txor +%esi,%esi$' <<<"$body" || ! grep -qP '\tjmp .*<__update_vcpu_system_time>' <<<"$body" ||
        [ "$(grep -vcP '\tendbr64' <<<"$body")" != 2 ]; then
        echo "livepatch/build: context_switch() cannot be seen in '$1': no exact counts" >&2
        printf '#define SWITCH_CALL 0\n#define SWITCH_PATCHED_AT 0\n'
        return
    fi
    bytes=$(cut -f2 <<<"$body" | tr -s ' \n' '\n' | sed '/^$/d; s/^/0x/' | paste -sd,)
    printf '#define SWITCH_BYTES %s\n#define SWITCH_SIZE %d\n' "$bytes" $((0x$size))
    printf '#define SWITCH_CALL %d /* into context_switch() */\n' $((0x$call - 0x$start))
    printf '#define SWITCH_PATCHED_AT %d /* where a live patch of it would put its jump */\n' "$patched_at"
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
    switch_write "$syms" >>"$header.new"
    if cmp -s "$header.new" "$header"; then rm "$header.new"; else mv "$header.new" "$header"; fi
}
