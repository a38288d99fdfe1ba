#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Chains of a running program, stopped at random places, against those of libdw's unwinder: 99% have to be the same.
. tests/unit/cli.sh
# (In the loader's lazy binding the CFA hangs on rbx, which is not followed: one chain in some hundreds of a program's first moments.)
export LD_BIND_NOW=1
judge=${xprof%/xprof}/tests/unwind/judge-chains

# like NAME COMPILER FLAGS…
like() {
	name=$1
	shift
	"$@" tests/unwind/deep.c -o "$dir/deep" || exit 1
	run "$judge" 100 "$dir/deep" 7
	check "chains__$name" '[ $status = 0 ]'
	grep 'chains by libdw\|SEED' "$dir/out"
}
like gcc_O0 gcc -O0
like gcc_O2 gcc -O2
like gcc_O3_aligned gcc -O3 -mavx2
like gcc_Os_lazy gcc -Os -no-pie -Wl,-z,lazy
like gcc_static gcc -O2 -static
like clang_O0 clang -O0
like clang_O2 clang -O2
run "$judge" 100 bash -c 'f() { x=$(($1 * 7)); [ $1 = 0 ] || f $(($1 - 1)); }; while :; do f 30; done'
check chains__bash '[ $status = 0 ]'
exit $failed
