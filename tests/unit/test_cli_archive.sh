#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# xprof archive: what is packed here is annotated elsewhere as it was here. Elsewhere is this machine without the binaries.
. tests/unit/cli.sh
mkhits=${xprof%/*}/mkhits
export XDG_CACHE_HOME="$dir/cache" HOME="$dir"

cat >"$dir/work.c" <<'END'
volatile int sink;
__attribute__((noinline)) int work(int n);
int work(int n)
{
	for (int i = 0; i < n; i++)
		sink += i * n;
	return sink;
}
void _start(void);
void _start(void)
{
	work(sink);
	__builtin_trap();
}
END
options="-O1 -g -nostdlib -static"
# Its own debug data; debug data in a file of their own; no build-id.
# shellcheck disable=SC2086
(cd "$dir" && gcc $options -Wl,--build-id -o whole work.c && gcc $options -Wl,--build-id -DX=1 -Wl,-Ttext=0x500000 -o split work.c &&
	objcopy --only-keep-debug split split.debug && strip split && objcopy --add-gnu-debuglink=split.debug split &&
	gcc $options -Wl,--build-id=none -Wl,-Ttext=0x600000 -o none work.c) || exit 1
at=$(nm "$dir/whole" | awk '$3 == "work" { print "0x" $1 }')
id() { readelf -n "$1" | sed -n 's/.*Build ID: //p'; }
whole=$(id "$dir/whole") split=$(id "$dir/split")
printf 'file %s %s 0 30\nfile %s 0x500004 0 20\nfile %s 0x600004 0 10\n' "$dir/whole" "$at" "$dir/split" "$dir/none" | "$mkhits" "$dir/p.xprof" || exit 1

"$xprof" annotate --no-pager work --image whole -i "$dir/p.xprof" >"$dir/here" || exit 1
"$xprof" report --lines "$dir/p.xprof" >"$dir/here.lines" 2>/dev/null || exit 1
run "$xprof" archive -o "$dir/host1.tar.gz" "$dir/p.xprof"
check archive__says_what_it_packed_and_what_not '[ $status = 0 ] && [ ! -s "$dir/out" ] && grep -q "packed the profile and 2 of 3 images" "$dir/err" &&
	grep -q "left out (10 samples): $dir/none: it has no build-id" "$dir/err"'
tar tzf "$dir/host1.tar.gz" | sort >"$dir/list"
printf 'host1/%s\n' profile.xprof ".build-id/${whole%"${whole#??}"}/${whole#??}" ".build-id/${split%"${split#??}"}/${split#??}" \
	".build-id/${split%"${split#??}"}/${split#??}.debug" | sort >"$dir/wanted"
check archive__holds_these_files 'cmp "$dir/list" "$dir/wanted"'
cp "$dir/host1.tar.gz" "$dir/first"
run "$xprof" archive -o "$dir/host1.tar.gz" -i "$dir/p.xprof"
check archive__twice_is_the_same 'cmp "$dir/first" "$dir/host1.tar.gz"'

mkdir "$dir/there"
tar xzf "$dir/host1.tar.gz" -C "$dir/there"
check archive__files_are_the_files 'cmp "$dir/whole" "$dir/there/host1/.build-id/${whole%"${whole#??}"}/${whole#??}" && cmp "$dir/p.xprof" "$dir/there/host1/profile.xprof"'
mkdir "$dir/away"
mv "$dir/whole" "$dir/split" "$dir/split.debug" "$dir/away"
rm -rf "$dir/cache"
run "$xprof" annotate --no-pager work --image whole -i "$dir/p.xprof"
check there__nothing_without_the_archive '[ $status != 0 ]'
run "$xprof" annotate --no-pager work --image whole -i "$dir/there/host1/profile.xprof"
grep -v "^# source lines by\|^# code of" "$dir/here" >"$dir/a"
grep -v "^# source lines by\|^# code of" "$dir/out" >"$dir/b"
check there__instructions_and_lines_are_the_same '[ $status = 0 ] && cmp "$dir/a" "$dir/b" && grep -q "work.c:6" "$dir/b"'
run "$xprof" report --lines "$dir/there/host1/profile.xprof"
check there__report_by_line_is_the_same 'cmp "$dir/here.lines" "$dir/out"'

# What lies there is of another build: it is not believed.
cp "$dir/away/split" "$dir/there/host1/.build-id/${whole%"${whole#??}"}/${whole#??}"
rm -rf "$dir/cache"
run "$xprof" annotate --no-pager work --image whole -i "$dir/there/host1/profile.xprof"
check there__another_build_is_refused '[ $status != 0 ] && grep -q "of another build" "$dir/err"'

run "$xprof" archive -i "$dir/p.xprof"
check archive__default_name '[ $status = 0 ] && [ -s "$dir/p.xprof.tar.gz" ] && tar tzf "$dir/p.xprof.tar.gz" | grep -qx p/profile.xprof'
run "$xprof" archive -o "$dir/no/such/folder.tar.gz" "$dir/p.xprof"
check archive__cannot_be_written '[ $status = 1 ] && grep -q "No such file or directory" "$dir/err"'
run sh -c 'ulimit -f 1; trap "" XFSZ; exec "$@"' sh "$xprof" archive -o "$dir/full.tar.gz" tests/data/profile/testbed-1.0.xprof
check archive__that_does_not_fit_leaves_nothing '[ $status = 1 ] && ! ls "$dir"/full.tar.gz* 2>/dev/null'
run "$xprof" archive "$dir/p.xprof" another
check archive__one_profile_at_a_time '[ $status = 2 ]'
run "$xprof" archive Makefile
check archive__what_is_no_profile '[ $status = 1 ] && [ ! -e Makefile.tar.gz ]'
exit $failed
