#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# xprof exporter as Prometheus sees it: what is served, and what is not. Read by Prometheus itself: tests/consumers/run.
. tests/unit/cli.sh
d="$dir/profiles"
mkdir "$d"
exporter=
# shellcheck disable=SC2064
trap 'kill $exporter 2>/dev/null; rm -rf "$dir"' EXIT

# get METHOD PATH: status and type in $dir/head, body in $dir/body
get() {
	node -e '
		const [out, port, method, path] = process.argv.slice(1);
		const r = http.request({ port, method, path, host: "127.0.0.1" }, (a) => {
			fs.writeFileSync(out + "/head", `${a.statusCode} ${a.headers["content-type"]} ${a.headers.allow ?? ""}\n`);
			a.pipe(fs.createWriteStream(out + "/body"));
		});
		r.on("error", (e) => fs.writeFileSync(out + "/head", `${e}\n`));
		r.end(method === "POST" ? "x".repeat(100000) : undefined);' "$dir" "$port" "$@"
}

"$xprof" exporter --listen 127.0.0.1:0 "$d" 2>"$dir/err" >"$dir/out" &
exporter=$!
i=0
while ! grep -q "at port" "$dir/err" && [ $i -lt 100 ]; do sleep 0.1; i=$((i + 1)); done
port=$(sed -n 's/.* at port \([0-9]*\),.*/\1/p' "$dir/err")
status=0
get GET /metrics
check serves__before_there_is_a_profile '[ "$(cat "$dir/head")" = "200 text/plain; version=0.0.4; charset=utf-8 " ] && grep -q "^xprof_profiles_total 0$" "$dir/body"'
report() { "$xprof" report --json tests/data/profile/testbed-1.0.xprof | jq --arg d "$1" --arg m "$2" '[.symbols[] | select(.domain == $d and .mode == $m) | .counts.timer] | add // 0'; }
agrees() {
	for domain in Domain-0 web1 db1; do
		for mode in xen kernel user; do
			ns=$(sed -n "s/^xprof_sampled_cpu_seconds_total{domain=\"$domain\",mode=\"$mode\"} //p" "$dir/body" | tr -d .)
			[ "${ns:-none}" -eq "$(report $domain $mode)" ] || { echo "$domain $mode: $ns, not $(report $domain $mode)"; return 1; }
		done
	done
}
cp tests/data/profile/testbed-1.0.xprof "$d/.xprof-20261128T100000.000Z.data.part"
sleep 1.1
get GET /metrics
check serves__what_is_being_recorded 'agrees && grep -q "^xprof_profiles_total 0$" "$dir/body"'
mv "$d/.xprof-20261128T100000.000Z.data.part" "$d/xprof-20261128T100000.000Z.data"
get GET /metrics
check serves__what_is_whole_at_once 'grep -q "^xprof_profiles_total 1$" "$dir/body"'
check serves__what_the_report_says 'agrees'
echo junk >"$d/xprof-20261128T100100.000Z.data"
get GET /metrics
check serves__though_a_profile_is_none 'grep -q "^xprof_profiles_unreadable_total 1$" "$dir/body" && grep -q "^xprof_profiles_total 1$" "$dir/body"'
get GET /
check other__the_top 'grep -q "^200 " "$dir/head"'
get GET /etc/passwd
check other__nothing_else 'grep -q "^404 " "$dir/head"'
get POST /metrics
check other__nothing_is_taken 'grep -q "^405 .*GET, HEAD" "$dir/head"'
run "$xprof" exporter --listen "127.0.0.1:$port" "$d"
check listen__an_address_that_is_taken '[ $status = 3 ] && grep -q "cannot listen there: Address already in use" "$dir/err"'
kill $exporter
wait $exporter
status=$?
exporter=
check end__by_a_signal '[ $status = 0 ]'

run "$xprof" exporter --listen localhost "$d"
check listen__no_address '[ $status = 2 ] && grep -q "is no address to listen at" "$dir/err"'
run "$xprof" exporter
check usage__which_directory '[ $status = 2 ] && grep -q "which directory?" "$dir/err"'
run "$xprof" exporter "$dir/none"
check usage__one_that_is_not_there '[ $status = 1 ] && grep -q "No such file or directory" "$dir/err"'
run "$xprof" exporter --once "$d"
check once__prints '[ $status = 0 ] && grep -q "^xprof_build_info" "$dir/out"'
exit $failed
