#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# xprof annotate as a user sees it, of programs made here: addresses and instructions as objdump has them, lines as
# addr2line has them, counts as they were put into the profile (tools/dev/mkhits).
. tests/unit/cli.sh
mkhits=${xprof%/*}/mkhits
export XDG_CACHE_HOME="$dir/cache"

cat >"$dir/work.c" <<'END'
volatile int sink;
static inline __attribute__((always_inline)) void inlined(int n)
{
	sink += n * 3;
}
__attribute__((noinline)) static int helper(int n)
{
	return n + sink;
}
int work(int n);
int work(int n)
{
	for (int i = 0; i < n; i++) {
		inlined(i);
		if (sink & 1)
			sink = helper(i);
	}
	return sink;
}
void _start(void);
void _start(void)
{
	work(sink);
	__builtin_trap();
}
END
options="-O1 -g -nostdlib -static -fno-align-loops -fno-align-jumps -Wl,--build-id"
# shellcheck disable=SC2086
(cd "$dir" && gcc $options -o program work.c && gcc $options -fno-pie -mcmodel=kernel -Wl,-Ttext=0xffffffff81000000 -o vmlinux work.c) || exit 1

# instructions PROGRAM SYMBOL: address and mnemonic of each
instructions() {
	objdump -d --no-show-raw-insn --no-addresses --disassemble="$2" "$1" >"$dir/mnemonics"
	objdump -d --no-show-raw-insn --disassemble="$2" "$1" | sed -n 's/^ *\([0-9a-f]*\):\t\([a-z]*\).*/0x\1 \2/p'
}

# The n-th instruction of work has n samples of cycles; each third one 2 of llc-misses.
instructions "$dir/program" work >"$dir/insns"
awk -v p="$dir/program" '{ print "file", p, $1, 0, NR } NR % 3 == 0 { print "file", p, $1, 1, 2 }' "$dir/insns" >"$dir/hits"
"$mkhits" "$dir/p" <"$dir/hits" || exit 1

run "$xprof" annotate --json work "$dir/p"
jq -r '.instructions[] | "\(.address) \(.text | split(" ")[0])"' "$dir/out" >"$dir/ours"
check code__addresses_and_mnemonics_are_objdumps '[ $status = 0 ] && [ ! -s "$dir/err" ] && [ $(wc -l <"$dir/insns") -gt 10 ] && cmp "$dir/ours" "$dir/insns"'
jq -r '.instructions[] | "\(.address) \(.samples.cycles) \(.samples["llc-misses"]) \(.weights.cycles) \(.weights["llc-misses"])"' "$dir/out" >"$dir/ours"
awk '{ m = NR % 3 ? 0 : 2; print $1, NR, m, 100 * NR, 10 * m }' "$dir/insns" >"$dir/theirs"
check counts__are_those_of_the_profile 'cmp "$dir/ours" "$dir/theirs"'
jq -r '.instructions[] | .address, (.frames[] | .function, "\(.file):\(.line)")' "$dir/out" >"$dir/ours"
cut -d' ' -f1 "$dir/insns" | addr2line -a -f -i -e "$dir/program" | sed 's/ (discriminator [0-9]*)//; s/^0x0*/0x/' >"$dir/theirs"
check lines__are_addr2lines 'cmp "$dir/ours" "$dir/theirs" && grep -q "^inlined" "$dir/ours"'

run "$xprof" annotate work "$dir/p"
n=$(wc -l <"$dir/insns")
check text__counts_and_percent_stand_beside_the_instruction \
	'[ $status = 0 ] && [ "$(grep -c "^ .* [0-9a-f]*:  [a-z]" "$dir/out")" = "$n" ] &&
	 awk -v n="$n" "\$1 == 3 && \$2 == sprintf(\"%.2f%%\", 300 / (n * (n + 1) / 2)) && \$3 == 2" "$dir/out" | grep -q ":  "'
check text__source_lines_with_their_text 'grep -q "^ *work.c:14    inlined(i);$" "$dir/out" && grep -q "^ *work.c:4 in inlined    sink += n \* 3;$" "$dir/out"'
check text__the_head_says_how_many_and_from_where \
	'grep -q "^# work of $dir/program, build-id [0-9a-f]*, samples of Domain-0$" "$dir/out" &&
	 grep -q "^# $((n * (n + 1) / 2)) samples of cycles, 100.00% of what is not idle$" "$dir/out" && grep -q "^# source lines by $dir/program$" "$dir/out"'
check text__targets_are_named 'grep -q "call 0x[0-9a-f]* <helper>$" "$dir/out"'
run "$xprof" annotate --no-source -i "$dir/p" work
check text__without_source 'grep -q "^ *work.c:14$" "$dir/out"'
cp "$dir/out" "$dir/first"
run "$xprof" annotate --no-source -D Domain-0 "$(head -1 "$dir/insns" | cut -d" " -f1)" "$dir/p"
check symbol__by_address_and_domain '[ $status = 0 ] && cmp "$dir/out" "$dir/first"'

# a report by line
cut -d' ' -f1 "$dir/insns" | addr2line -a -i -e "$dir/program" | sed 's/ (discriminator [0-9]*)//; s,.*/,,' |
	awk '/^0x/ { n++; all += n; getline; sum[$0] += n } END { for (l in sum) printf "%.2f%% %s\n", 100 * sum[l] / all, l }' | sort >"$dir/theirs"
run "$xprof" report --sort line --percent-limit 0 "$dir/p"
sed -n '/ Line$/,$p' "$dir/out" | awk '!/^#/ { print $1, $3 }' | sort >"$dir/ours"
check report__by_line_is_addr2lines_sum '[ $status = 0 ] && [ ! -s "$dir/err" ] && cmp "$dir/ours" "$dir/theirs" && [ $(wc -l <"$dir/ours") -gt 2 ]'
run "$xprof" report --lines --percent-limit 0 "$dir/p"
check report__lines_beside_symbols '[ $status = 0 ] && grep -q "Domain-0  user  program  program  work    work.c:4$" "$dir/out"'
run "$xprof" report --lines --json "$dir/p"
jq -r '.symbols[] | "\(.samples.cycles) \(.symbol) \(.file):\(.line)"' "$dir/out" | sort >"$dir/ours"
cut -d' ' -f1 "$dir/insns" | addr2line -a -i -e "$dir/program" | sed 's/ (discriminator [0-9]*)//' |
	awk '/^0x/ { n++; getline; sum[$0] += n } END { for (l in sum) print sum[l], "work", l }' | sort >"$dir/theirs"
check report__json_by_line '[ $status = 0 ] && [ ! -s "$dir/err" ] && cmp "$dir/ours" "$dir/theirs" && [ "$(jq ".samples.cycles == ([.symbols[].samples.cycles] | add)" "$dir/out")" = true ]'
run "$xprof" report --json "$dir/p"
check report__json_without_lines_has_none '[ $status = 0 ] && [ "$(jq -c "[.symbols[] | has(\"line\"), has(\"file\")] | unique" "$dir/out")" = "[false]" ]'
run "$xprof" report --lines --anonymize "$dir/p"
check report__anonymous_lines_are_refused '[ $status = 2 ] && [ ! -s "$dir/out" ]'

# what cannot be done
run "$xprof" annotate "$dir/p"
check usage__no_symbol '[ $status = 1 ]' # the profile is taken for the symbol, and there is no xprof.data
run "$xprof" annotate
check usage__nothing_at_all '[ $status = 2 ] && grep -q "which symbol" "$dir/err"'
run "$xprof" annotate wrk "$dir/p"
check symbol__unknown_and_the_nearest '[ $status = 2 ] && [ "$(cat "$dir/err")" = "xprof: the profile has no samples of a symbol '"'wrk': did you mean 'work'?"'" ]'
run "$xprof" annotate -D web1 work "$dir/p"
check symbol__of_a_domain_that_is_not_there '[ $status = 2 ] && grep -q "the profile has no domain .web1.; there are Domain-0" "$dir/err"'
run "$xprof" annotate -D 7 work "$dir/p"
check symbol__of_a_domain_without_samples '[ $status = 2 ] && grep -q "no samples in the domains" "$dir/err"'
run "$xprof" annotate work "$dir/p" --symdir "$dir/nowhere"
check symdir__that_is_none '[ $status = 2 ] && grep -q "there is no such folder" "$dir/err"'

# files that are not there, or not the same
mkdir "$dir/away"
mv "$dir/program" "$dir/away/program"
run "$xprof" annotate work "$dir/p"
check file__missing_is_said_with_the_remedy '[ $status = 3 ] && [ $(wc -l <"$dir/err") = 1 ] && grep -q "no file with its code is here (build-id [0-9a-f]*): name a folder with one by --symdir DIR" "$dir/err"'
run "$xprof" annotate --no-source --symdir "$dir/away" work "$dir/p"
check file__found_in_a_symdir '[ $status = 0 ] && grep -v "^# code" "$dir/first" >"$dir/theirs" && grep -v "^# code" "$dir/out" | cmp - "$dir/theirs"'
sed 's/n \* 3/n * 5/' "$dir/work.c" >"$dir/other.c"
# shellcheck disable=SC2086
(cd "$dir" && gcc $options -o program other.c)
run "$xprof" annotate work "$dir/p"
check file__of_another_build_is_refused '[ $status = 3 ] && [ ! -s "$dir/out" ] && grep -q "$dir/program is of another build than the profile.s" "$dir/err"'
rm "$dir/program"
objcopy --strip-debug "$dir/away/program" "$dir/program"
rm -r "$dir/cache"
run "$xprof" annotate work "$dir/p"
check lines__without_debug_data_say_so '[ $status = 0 ] && grep -q "^# no source lines: .*$dir/program has no debug data" "$dir/out" && ! grep -q "work.c" "$dir/out"'
run "$xprof" annotate --symdir "$dir/away" work "$dir/p"
check lines__from_another_folder '[ $status = 0 ] && grep -q "^# source lines by $dir/away/program$" "$dir/out" && grep -q "work.c:14" "$dir/out"'

objcopy --strip-all "$dir/away/program" "$dir/program"
run "$xprof" annotate --json work "$dir/p"
jq -r '.instructions[] | "\(.address) \(.text | split(" ")[0])"' "$dir/out" >"$dir/ours"
check file__without_symbols_has_code_all_the_same '[ $status = 0 ] && cmp "$dir/ours" "$dir/insns"'
cp "$dir/away/program" "$dir/program"
truncate -s 5G "$dir/program"
rm -r "$dir/cache"
run "$xprof" annotate --no-source work "$dir/p"
check file__of_5_gigabytes_is_read_where_it_matters '[ $status = 0 ] && cmp "$dir/out" "$dir/first"'

# several of one name
sed "s,$dir/program,$dir/away/program," "$dir/hits" >>"$dir/hits"
cp "$dir/away/program" "$dir/program"
head -2 "$dir/hits" | sed "s,$dir/program,$dir/vmlinux,; s/^file/kernel+2000000/; s/0x[0-9a-f]*/$(instructions "$dir/vmlinux" work | sed -n '2{s/ .*//;p}')/" >>"$dir/hits"
"$mkhits" "$dir/q" <"$dir/hits"
run "$xprof" annotate work "$dir/q"
check symbol__of_several_images_is_listed '[ $status = 2 ] && [ ! -s "$dir/out" ] && grep -q "choose one with --image" "$dir/err" && grep -q "$dir/away/program (........), Domain-0$" "$dir/err"'
run "$xprof" annotate --no-source --image "$dir/program" work "$dir/q"
check symbol__of_the_image_that_was_named '[ $status = 0 ] && grep -q "^# code of $dir/program$" "$dir/out"'

# a kernel that was moved when it booted, and Xen
run "$xprof" annotate --image vmlinux work "$dir/q"
check kernel__missing_is_said '[ $status = 3 ] && grep -q "vmlinux: no file with its code is here" "$dir/err"'
run "$xprof" annotate --json --image vmlinux --symdir "$dir" work "$dir/q"
jq -r '.instructions[] | select(.samples.cycles > 0) | "\(.address) \(.samples.cycles) \(.frames[0].line)"' "$dir/out" >"$dir/ours"
second=$(instructions "$dir/vmlinux" work | sed -n '2{s/ .*//;p}')
line=$(addr2line -i -e "$dir/vmlinux" "$second" | head -1 | sed 's/.*://; s/ .*//')
echo "$second 3 $line" | sed 's/^0xffffffff81/0xffffffff83/' >"$dir/theirs"
check kernel__moved_at_boot '[ $status = 0 ] && cmp "$dir/ours" "$dir/theirs"'
run "$xprof" report --lines --mode kernel --symdir "$dir" "$dir/q"
check kernel__moved_at_boot_by_line '[ $status = 0 ] && grep -q "kernel  *-  *vmlinux  work  *work.c:$line$" "$dir/out"'
run "$xprof" report --lines --mode kernel "$dir/q"
check kernel__without_lines_is_said '[ $status = 0 ] && grep -q "vmlinux: no file with its debug data is here" "$dir/err" && grep -q "vmlinux  work  *-$" "$dir/out"'
cp "$dir/vmlinux" "$dir/xen-syms-test"
echo "xen $dir/vmlinux $second 0 4" | "$mkhits" "$dir/x"
run "$xprof" annotate --symdir "$dir" work "$dir/x"
check xen__by_xen_syms '[ $status = 0 ] && grep -q "^# work of xen, " "$dir/out" && grep -q "^# code of $dir/xen-syms-test$" "$dir/out" && grep -q "^ *4 100.00%" "$dir/out"'

# hostile names and files
run "$xprof" annotate work "$dir/p" --image "$(printf 'a\033[2Jb')"
check text__escapes '[ $status = 2 ] && ! grep -q "$(printf "\033")" "$dir/err"'
evil="$(printf 'e\033[2J')"
printf '#line 7 "/%s/evil.c"\n' "$evil" | cat - "$dir/work.c" >"$dir/evil.c"
# shellcheck disable=SC2086
(cd "$dir" && gcc $options -o evil evil.c)
instructions "$dir/evil" work | awk -v p="$dir/evil" '{ print "file", p, $1, 0, 1 }' | "$mkhits" "$dir/e"
for verb in "annotate work" "annotate --json work" "report --lines" "report --lines --json"; do
	# shellcheck disable=SC2086
	run "$xprof" $verb -i "$dir/e"
	check "lines__of_a_hostile_source_name_${verb%% *}" '[ $status = 0 ] && ! grep -q "$(printf "\033")" "$dir/out" "$dir/err" && grep -q "evil.c" "$dir/out"'
done
for size in 100 1000 5000; do
	head -c $size "$dir/away/program" >"$dir/program"
	run "$xprof" annotate work "$dir/p"
	check "file__cut_off_at_$size" '[ $status = 3 ] || [ $status = 1 ]'
done
exit $failed
