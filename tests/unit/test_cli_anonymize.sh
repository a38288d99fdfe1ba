#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# --anonymize on a profile that was recorded on the emulated host: whatever the plain output names and is not Xen's or
# a kernel's own is in no anonymous output. What is replaced, one by one, is tested in test_anon.c.
. tests/unit/cli.sh
profile=tests/data/profile/testbed-1.0.xprof

# Domains, processes, paths and their last parts, symbols of programs; words of three letters and less are in others.
"$xprof" dump "$profile" >"$dir/plain"
"$xprof" report --percent-limit 0 --mode user --sort image,symbol "$profile" | awk '!/^#/ && $3 != "[vdso]" { print $NF }' >"$dir/user"
sed -n 's/^domain .* name=//p; s/^task .* comm=//p; s/^image .* kind=3 .* name=//p; s/^host command=//p; s/^host boot_id=//p
	s/^host xen.command_line=//p; s/^image .* kind=3 .* build_id=\([0-9a-f]*\) .*/\1/p; s/^domain .* uuid=\([0-9a-f]*\) .*/\1/p' \
	"$dir/plain" | sed 'p; s/.*\///' | cat - "$dir/user" | grep -v '^Domain-0$\|^0*$\|^0x\|^xen$\|^xprof$' |
	grep '....' | sort -u >"$dir/names"
"$xprof" report --percent-limit 0 --mode xen,kernel --sort symbol "$profile" | awk '!/^#/ { print $NF }' | sort -u >"$dir/kept"
grep -vxFf "$dir/kept" "$dir/names" >"$dir/gone"
check names__are_many '[ $(wc -l <"$dir/gone") -gt 60 ] && grep -qx web1 "$dir/gone" && grep -qx work_a "$dir/gone" && grep -qx xenstored "$dir/gone"'

# gone NAME: $dir/out has nothing that was to go as a word; a kernel's symbol may have a process's name as a part
gone() {
	check "$1" '[ $status = 0 ] && [ -s "$dir/out" ] && [ ! -s "$dir/err" ] && ! grep -wFf "$dir/gone" "$dir/out"'
}
run "$xprof" report --anonymize --percent-limit 0 "$profile"
gone report__names_nobody
run "$xprof" report --anonymize --percent-limit 0 --sort domain,pid,image,symbol "$profile"
gone report__by_pid_names_nobody
run "$xprof" report --anonymize --json "$profile"
gone json__names_nobody
check json__is_valid 'jq -e ".symbols | length > 100" "$dir/out" >/dev/null'
run "$xprof" dump --anonymize "$profile"
gone dump__names_nobody

run "$xprof" report --anonymize --percent-limit 0 --mode xen,kernel --sort symbol "$profile"
"$xprof" report --percent-limit 0 --mode xen,kernel --sort symbol "$profile" | sed '1,/^# Overhead/d' >"$dir/rows"
check report__xen_and_kernels_keep_their_symbols '[ $(wc -l <"$dir/rows") -gt 300 ] && sed "1,/^# Overhead/d" "$dir/out" | cmp - "$dir/rows"'

run "$xprof" report --anonymize=pepper "$profile"
cp "$dir/out" "$dir/first"
run "$xprof" report --anonymize=pepper "$profile"
check salt__gives_the_same_again '[ $status = 0 ] && cmp -s "$dir/out" "$dir/first"'
run "$xprof" report --anonymize "$profile"
check salt__is_random_otherwise '[ $status = 0 ] && ! cmp -s "$dir/out" "$dir/first"'
check counts__stay '[ "$(tr -d -c "0-9%\n" <"$dir/out" | wc -l)" = "$(tr -d -c "0-9%\n" <"$dir/first" | wc -l)" ] &&
	[ "$(sed -n "s/^# \(.*\) samples of timer.*/\1/p" "$dir/out")" = "$("$xprof" report "$profile" | sed -n "s/^# \(.*\) samples of timer.*/\1/p")" ]'
run "$xprof" report --anonymize= "$profile"
check salt__empty_is_wrong_usage '[ $status = 2 ] && [ ! -s "$dir/out" ] && grep -q "a salt is missing" "$dir/err"'

run "$xprof" report --anonymize --domain web1 "$profile"
check domain__is_found_by_its_name '[ $status = 0 ] && grep -q "^# only domain domain-[0-9a-f]*;" "$dir/out" && grep -q "^ *100.00% .* domain-[0-9a-f]* (1)$" "$dir/out"'
run "$xprof" report --anonymize --domain 1 "$profile"
check domain__is_found_by_its_id '[ $status = 0 ] && grep -q "^# only domain 1;" "$dir/out" && grep -q "^ *100.00% .* domain-[0-9a-f]* (1)$" "$dir/out"'

head -c 20000 "$profile" >"$dir/secret-customer"
run "$xprof" report --anonymize "$dir/secret-customer"
check damaged__is_partial_and_unnamed '[ $status = 4 ] && grep -q "^# NOT WHOLE" "$dir/out" && ! grep -q secret-customer "$dir/out"'
exit $failed
