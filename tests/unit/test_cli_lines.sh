#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Lines of whole programs, each instruction, beside llvm-addr2line's: of compilers, formats and places of debug data.
. tests/unit/cli.sh
cache=$dir/cache
lines=${xprof%/*}/bench-lines

# two files, as a call's file has a number of its own
cat >"$dir/near.h" <<'END'
static inline __attribute__((always_inline)) int near(int a, int b)
{
	int sum = a;
	sum += far(b);
	return sum * 3;
}
END
cat >"$dir/a.cc" <<'END'
namespace space {
template <typename T> struct box {
	T value;
	inline __attribute__((always_inline)) void put(T v) { value = v; }
	__attribute__((noinline)) static T get(volatile T *p) { struct local { static inline T twice(T v) { return v * 2; } };
		return local::twice(*p); }
};
}
volatile int sink;
static inline __attribute__((always_inline)) int add(int a, int b)
{
	space::box<int> b1;
	b1.put(a);
	return b1.value + sink + b;
}
static inline __attribute__((always_inline)) int far(int a)
{
	return add(a, 5) ^ sink;
}
#include "near.h"
extern "C" int work(int n) { int s = 0; for (int i = 0; i < n; i++) { s += add(i, s); if (s > 9) s = add(s, 2); } return s; }
__attribute__((noinline)) int dropped(int n) { return add(n, n); }
extern "C" __attribute__((cold, noinline)) void rare(int n) { sink = near(n, 7); }
END
cat >"$dir/b.c" <<'END'
extern volatile int sink;
int work(int);
void rare(int);
static int outer(int n)
{
	auto int inner(int m);
	int inner(int m) { sink += n; return m + n; }
	return inner(n) + inner(2 * n);
}
void _start(void)
{
	for (;;) {
		sink = work(sink) + outer(sink);
		if (sink == 77)
			rare(sink);
	}
}
END
sed 's/.*auto.*//; s/int inner(int m) {.*//; s/return inner.*/return n;/' "$dir/b.c" >"$dir/plain.c"

# instructions PROGRAM: their addresses
instructions() {
	objdump -d --no-show-raw-insn "$1" | sed -n 's/^ *\([0-9a-f]*\):\t.*/0x\1/p'
}

# theirs PROGRAM / ours PROGRAM [OPTION...]: the address, then for each frame function and line; the outermost function is
# not compared. LLVM's, as binutils' leaves out some inlined calls.
theirs() {
	instructions "$1" | llvm-addr2line -a -f -i -C -e "$1" | awk '
		function flush() { line[n - 1] = "-"; for (i = 1; i <= n; i++) if (line[n] != "??:0") print line[i] }
		/^0x/ { if (n) flush(); n = 0; print; next }
		{ sub(/ \(discriminator [0-9]*\)$/, ""); line[++n] = $0 }
		END { flush() }'
}
ours() {
	program=$1
	shift
	instructions "$program" | "$lines" "$@" "$program"
}

# same NAME PROGRAM [OPTION...]: ours are theirs, and there are some, and inlined ones
same() {
	name=$1 program=$2
	shift 2
	theirs "$program" >"$dir/theirs"
	run ours "$program" "$@"
	check "$name" '[ $status = 0 ] && cmp "$dir/out" "$dir/theirs" && [ $(wc -l <"$dir/out") -gt 60 ] && grep -q "^add"  "$dir/out"'
}

link="-nostdlib -static -Wl,--build-id"
compilers="gcc clang"
if ! gcc -O2 -g $link -o "$dir/gcc" -x c++ "$dir/a.cc" -x c "$dir/b.c" 2>"$dir/err"; then # no C++ in this gcc
	compilers=clang
	clang -O2 -g $link -o "$dir/gcc" -x c++ "$dir/a.cc" -x c "$dir/plain.c"
fi
same lines__gcc_and_nested_functions "$dir/gcc"
clang -O2 -g $link -ffunction-sections -Wl,--gc-sections -o "$dir/clang" -x c++ "$dir/a.cc" -x c "$dir/plain.c"
same lines__clang_without_aranges_and_dropped_sections "$dir/clang"
for version in 2 3 4 5; do
	for compiler in $compilers; do
		$compiler -O2 -gdwarf-$version $link -o "$dir/dwarf" -x c++ "$dir/a.cc" -x c "$dir/plain.c"
		same "lines__${compiler}_dwarf_$version" "$dir/dwarf"
	done
done

# As clang says it of code without a source: its files are counted from 1, and a call in file 0 is in none
clang -O2 -gdwarf-4 -S -o "$dir/none.s" "$dir/a.cc"
sed -i 's/^\t\.byte\t[12] *# DW_AT_call_file/\t.byte\t0 # DW_AT_call_file/' "$dir/none.s" # 88 is the attribute's own number
clang -gdwarf-4 $link -o "$dir/none" "$dir/none.s" "$dir/plain.c"
same lines__dwarf_4_file_0_is_none "$dir/none"
check lines__dwarf_4_file_0_is_none_in_frames 'grep -q "^??:[1-9]" "$dir/out"'
clang -O2 -g -gz $link -o "$dir/gz" -x c++ "$dir/a.cc" -x c "$dir/plain.c"
same lines__compressed "$dir/gz"

theirs "$dir/gcc" >"$dir/theirs"
objcopy --only-keep-debug "$dir/gcc" "$dir/apart.debug"
(cd "$dir" && objcopy --strip-debug --add-gnu-debuglink=apart.debug gcc apart)
run ours "$dir/apart"
check lines__a_debuglink_is_followed '[ $status = 0 ] && cmp -s "$dir/out" "$dir/theirs"'
objcopy --strip-debug --remove-section=.note.gnu.build-id "$dir/apart.debug"
run ours "$dir/apart"
check lines__a_debug_file_without_lines_is_named '[ $status = 1 ] && grep -q "has no debug data" "$dir/err"'

run ours "$dir/gcc" --cache "$cache"
run ours "$dir/gcc" --cache "$cache"
check cache__gives_the_same '[ $status = 0 ] && cmp -s "$dir/out" "$dir/theirs" && [ $(find "$cache" -path "*/lines/*" -type f | wc -l) = 1 ]'
exit $failed
