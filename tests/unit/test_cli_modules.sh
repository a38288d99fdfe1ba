#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Code and lines of what is not linked when it is built: kernel modules and live patches. The truth is a linked twin, the same
# sections put where the profile says they were, as objdump and addr2line see it.
. tests/unit/cli.sh
mkhits=${xprof%/*}/mkhits
export XDG_CACHE_HOME="$dir/cache"

cat >"$dir/my-mod.c" <<'END'
extern int outside(int n);
extern int outside_data;
volatile int sink;
static const char text[] = "some text";
const char *volatile where;
static inline __attribute__((always_inline)) void inlined(int n)
{
	sink += n * outside_data;
}
__attribute__((noinline)) static int helper(int n)
{
	where = text;
	return n + sink;
}
__attribute__((section(".text.unlikely"), noinline)) int rare(int n);
int rare(int n)
{
	inlined(n + 1);
	return outside(helper(n));
}
int work(int n);
int work(int n)
{
	for (int i = 0; i < n; i++) {
		inlined(i);
		if (sink & 1)
			sink = helper(i);
		if (sink == 77)
			sink = rare(i);
	}
	return outside(sink) + 1;
}
END
options="-O1 -g -c -fno-pie -mcmodel=kernel -fno-stack-protector -fno-asynchronous-unwind-tables"

# twin FILE OUT LD-OPTION...: linked, of the same build-id
twin() {
	file=$1 out=$2
	shift 2
	ld -e 0 "--build-id=0x$(readelf -n "$file" | sed -n 's/.*Build ID: //p')" --defsym outside=0xffffffff81234560 \
		--defsym outside_data=0xffffffff82000000 "$@" "$file" -o "$out"
}
# instructions PROGRAM [SYMBOL]: address, mnemonic and, in <>, what is called, jumped to or read
instructions() {
	objdump -d --no-show-raw-insn ${2:+--disassemble="$2"} "$1" |
		sed -n 's/^ *\([0-9a-f]*\):\t\([a-z]*\).*\(<[a-z_0-9+]*>\)$/0x\1 \2 \3/p; s/^ *\([0-9a-f]*\):\t\([a-z]*\).*/0x\1 \2/p'
}
# profile KIND TWIN OUT: one sample at each instruction
profile() {
	instructions "$2" | awk -v k="$1" -v p="$2" '{ print k, p, $1, 0, 1 }' | "$mkhits" "$3"
}
# our_instructions JSON / our_lines JSON: as the two of the twin
our_instructions() {
	jq -r '.instructions[] | "\(.address) \(.text)"' "$1" | awk '{ print $1, $2 (match($0, /<[^>]*>/) ? " " substr($0, RSTART, RLENGTH) : "") }'
}
our_lines() {
	jq -r '.instructions[] | .address, (.frames[] | .function, "\(.file):\(.line)")' "$1"
}
their_lines() {
	instructions "$1" "$2" | cut -d' ' -f1 | addr2line -a -f -i -e "$1" | sed 's/ (discriminator [0-9]*)//; s/^0x0*/0x/'
}

cd "$dir" || exit 1
mkdir ko apart
# shellcheck disable=SC2086
gcc $options -ffile-prefix-map="$dir"=/src -o my-mod.o my-mod.c && ld -r --build-id -o ko/my-mod.ko my-mod.o || exit 1
low="--section-start=.text=0xffffffffc0100000 --section-start=.text.unlikely=0xffffffffc0120040"
high="--section-start=.text=0xffffffffc0702000 --section-start=.text.unlikely=0xffffffffc0700080"
# shellcheck disable=SC2086
twin ko/my-mod.ko my_mod.low $low && twin ko/my-mod.ko my_mod.high $high || exit 1
profile module my_mod.low low && profile module my_mod.high high || exit 1

for symbol in work helper rare; do
	run "$xprof" annotate --json --symdir ko $symbol low
	instructions my_mod.low $symbol >theirs
	our_instructions out >ours
	check "module__code_of_$symbol" '[ $status = 0 ] && [ ! -s err ] && [ $(wc -l <theirs) -gt 3 ] && [ "$(jq .strays out)" = 0 ] &&
		cmp ours theirs'
	their_lines my_mod.low $symbol >theirs
	our_lines out >ours
	check "module__lines_of_$symbol" 'cmp ours theirs && grep -q "^/src/my-mod.c:" ours'
done
check module__calls_into_the_kernel_are_named 'grep -q "call <outside>" out'
run "$xprof" annotate --json --symdir ko work low
check module__data_of_the_kernel_are_named 'jq -r ".instructions[].text" out | grep -q "<outside_data>"'

# elsewhere at the next boot, from the cache, and its sections in another order
find cache -path "*/lines/*" -type f >kept
for symbol in work rare; do
	run "$xprof" annotate --json --symdir ko $symbol high
	their_lines my_mod.high $symbol >theirs
	our_lines out >ours
	check "module__loaded_elsewhere_$symbol" '[ $status = 0 ] && cmp ours theirs'
done
check module__has_one_file_in_the_cache '[ "$(find cache -path "*/lines/*" -type f)" = "$(cat kept)" ] && [ $(wc -l <kept) = 1 ]'
run "$xprof" report --sort line --percent-limit 0 --symdir ko low
sed -n '/ Line$/,$p' out | awk '!/^#/ { print $1, $NF }' | sort >ours
instructions my_mod.low | cut -d' ' -f1 | addr2line -a -i -e my_mod.low | sed 's/ (discriminator [0-9]*)//; s,.*/,,' |
	awk '/^0x/ { all++; getline; sum[$0]++ } END { for (l in sum) printf "%.2f%% %s\n", 100 * sum[l] / all, l }' | sort >theirs
check module__report_by_line '[ $status = 0 ] && cmp ours theirs'

# where a distribution has them: the module stripped, its debug data apart
tree=sys/lib/modules/6.1.0-test/kernel/deep
mkdir -p $tree
objcopy --only-keep-debug ko/my-mod.ko apart/my-mod.ko.debug
objcopy --strip-debug ko/my-mod.ko apart/my-mod.ko
rm -r cache
run "$xprof" annotate --json --symdir apart work low
their_lines my_mod.low work >theirs
our_lines out >ours
check module__debug_data_apart '[ $status = 0 ] && cmp ours theirs && [ "$(jq -r .code out)" = apart/my-mod.ko ] && [ "$(jq -r .lines out)" = apart/my-mod.ko.debug ]'
rm -r cache apart/my-mod.ko.debug
run "$xprof" annotate --symdir apart work low
check module__without_debug_data_says_so '[ $status = 0 ] && grep -q "^# no source lines: .*my-mod.ko has no debug data" out'

# what is refused
run "$xprof" annotate work low
check module__missing_is_said '[ $status = 3 ] && grep -q "my_mod: no file with its code is here (build-id [0-9a-f]*)" err && grep -q "nor from memory: /proc/kcore: the profile is of another boot" err'
# shellcheck disable=SC2086
gcc $options -DOTHER -o my-mod.o my-mod.c && ld -r --build-id=0x1234 -o apart/my-mod.ko my-mod.o
run "$xprof" annotate --symdir apart work low
check module__of_another_build_is_refused '[ $status = 3 ] && [ ! -s out ] && grep -q "apart/my-mod.ko is of another build than the profile.s" err'
# Same build-id, other code: the file's functions are not as far from each other as the profile's.
# shellcheck disable=SC2086
sed 's/return n + sink/return n + sink * n * outside(n)/' my-mod.c >liar.c && gcc $options -o liar.o liar.c &&
	ld -r "--build-id=0x$(readelf -n ko/my-mod.ko | sed -n 's/.*Build ID: //p')" -o apart/my-mod.ko liar.o
run "$xprof" annotate --symdir apart work low
check module__that_contradicts_the_profile_is_refused '[ $status = 1 ] && [ ! -s out ] && grep -q "cannot tell from its symbols where my_mod was" err'
size=$(stat -c %s ko/my-mod.ko)
for part in 1 2 3 4 5 6 7 8 9; do
	head -c $((size * part / 10)) ko/my-mod.ko >apart/my-mod.ko
	run "$xprof" annotate --symdir apart work low
	check "module__cut_off_at_${part}0_percent" '[ $status = 3 ] || [ $status = 1 ]'
done

# a live patch: its sections one behind the other
# shellcheck disable=SC2086
gcc $options -ffunction-sections -o patch.o my-mod.c && ld -r --unique --build-id -o ko/some.livepatch patch.o
echo "SECTIONS { .livepatch 0xffffffffb0000000 : { *(.text .text.*) } } INSERT AFTER .data;" >script
twin ko/some.livepatch patch.linked -T script 2>err || exit 1
profile xen:xprof patch.linked patch
for symbol in work helper rare; do
	run "$xprof" annotate --json --symdir ko $symbol patch
	instructions patch.linked $symbol >theirs
	our_instructions out >ours
	check "livepatch__code_of_$symbol" '[ $status = 0 ] && [ ! -s err ] && cmp ours theirs'
	their_lines patch.linked $symbol >theirs
	our_lines out >ours
	check "livepatch__lines_of_$symbol" 'cmp ours theirs'
done
exit $failed
