#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# xprof push against a store that has bad days (tests/push/store.js, a real HTTP server in a process of its own): every spooled
# profile arrives exactly once. What arrives is read by protoc, jq and go tool pprof, and compared with the report. The stores
# themselves are not in Debian: the fields are those of their published definitions (tests/push/*.proto say which).
. tests/unit/cli.sh
p=tests/data/profile/testbed-1.0.xprof
store_pid=
# shellcheck disable=SC2064
trap 'kill $store_pid 2>/dev/null; rm -rf "$dir"' EXIT

# store BEHAVIOUR...: begins anew, its port in $port, what it got in $dir/store
store() {
	[ -z "$store_pid" ] || { kill "$store_pid"; wait "$store_pid" 2>/dev/null; }
	rm -rf "$dir/store"
	mkdir "$dir/store"
	[ ! -e "$dir/key.pem" ] || cp "$dir/key.pem" "$dir/cert.pem" "$dir/store"
	node tests/push/store.js "$dir/store" "$@" &
	store_pid=$!
	i=0
	while [ ! -s "$dir/store/port" ] && [ $i -lt 100 ]; do sleep 0.1; i=$((i + 1)); done
	port=$(cat "$dir/store/port")
}
push() { run "$xprof" push --to "http://127.0.0.1:$port" -f "${format:-pyroscope}" "$@"; }
requests() { wc -l <"$dir/store/log"; }
kept() { find "$dir/store" -name '*.body' | wc -l; }
# How many of what was kept have different ids.
ids() { jq -r 'select(.kept) | .headers["idempotency-key"]' "$dir/store/log" | sort -u | wc -l; }
waiting() { find "$1" -name '*.pyroscope' | wc -l; }

# ---- what is sent ----

# The report's total of a domain: what all samples that are not idle stand for, of the timer nanoseconds.
total() { "$xprof" report --json "$p" | jq --arg d "$1" '[.symbols[] | select(.mode != "idle" and .domain == $d) | .counts.timer] | add'; }
# The same, read by pprof: the last of a sample's values is the event's.
cpu_of() { go tool pprof -raw "$1" | awk '/^Samples:/ { on = 1; getline; next } /^Locations/ { exit } on && /^ +[0-9].*:/ { sub(/:.*/, ""); s += $NF } END { printf "%.0f\n", s }'; }
domains=$("$xprof" report --json "$p" | jq -r '[.symbols[] | select(.mode != "idle") | .domain] | unique | .[]')

store 200
push "$p"
check pyroscope__a_message_a_domain '[ $status = 0 ] && [ "$(kept)" = "$(echo "$domains" | wc -l)" ] && [ "$(ids)" = "$(kept)" ]'
check pyroscope__the_last_line_says_what_was_sent 'grep -qE "^\[ xprof: 1 profile read, $(kept) messages sent \([0-9.]+ kB\) \]$" "$dir/err"'
pyroscope_agrees() {
	for b in "$dir"/store/*.body; do
		protoc --decode=pyroscope.PushRequest -I tests/push tests/push/pyroscope.proto <"$b" >"$dir/text" || return 1
		! grep -qE '^ *[0-9]+:' "$dir/text" || return 1 # no field that the definition does not have
		d=$(grep -A1 'name: "domain"' "$dir/text" | sed -n 's/.*value: "\(.*\)"/\1/p')
		grep -q 'value: "process_cpu"' "$dir/text" || return 1
		grep -qE 'ID: "[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"' "$dir/text" || return 1
		node tests/push/raw-profile.js <"$b" >"$dir/pb" || return 1
		[ "$d" != Domain-0 ] || cp "$dir/pb" "$dir/pb-dom0"
		[ "$(cpu_of "$dir/pb")" = "$(total "$d")" ] || { echo "$d: $(cpu_of "$dir/pb") instead of $(total "$d")"; return 1; }
	done
}
check pyroscope__protoc_and_pprof_read_what_the_report_says 'pyroscope_agrees'
check pyroscope__path_and_type 'jq -se "all(.path == \"/push.v1.PusherService/Push\" and .headers[\"content-type\"] == \"application/proto\")" "$dir/store/log" >/dev/null'
check pyroscope__processes_are_the_outermost_frames 'go tool pprof -traces "$dir/pb-dom0" 2>/dev/null | grep -q compute'

format=parca
store 200
push --label pool=a "$p"
parca_agrees() {
	for b in "$dir"/store/*.body; do
		d=$(jq -r '.series[0].labels.labels[] | select(.name == "domain") | .value' "$b")
		[ "$(jq -r '.series[0].labels.labels[] | select(.name == "pool") | .value' "$b")" = a ] || return 1
		jq -r '.series[0].samples[0].rawProfile' "$b" | base64 -d >"$dir/pb"
		[ "$(cpu_of "$dir/pb")" = "$(total "$d")" ] || return 1
	done
}
check parca__jq_and_pprof_read_what_the_report_says '[ $status = 0 ] && parca_agrees'
check parca__path 'jq -se "all(.path == \"/profiles/writeraw\")" "$dir/store/log" >/dev/null'

format=otlp
store 200
push "$p"
otlp_agrees() {
	for b in "$dir"/store/*.body; do
		zcat "$b" | protoc --decode=otlp.Request -I tests/push tests/push/otlp.proto >"$dir/text" || return 1
		! grep -qE '^ *[0-9]+:' "$dir/text" || return 1
		d=$(grep -A2 'key: "domain"' "$dir/text" | sed -n 's/.*string_value: "\(.*\)"/\1/p')
		sum=$(awk '/^ *values:/ { s += $2 } END { printf "%.0f", s }' "$dir/text")
		[ "$sum" = "$(total "$d")" ] || { echo "$d: $sum instead of $(total "$d")"; return 1; }
		# Every index is in its table, and element 0 of each table is the empty one.
		awk -v ok=1 '
			/^  stack_table/ { stacks++ } /^  location_table/ { locations++ } /^  function_table/ { functions++ }
			/^  string_table/ { strings++ } /^  mapping_table/ { mappings++ } /^  attribute_table/ { attributes++ } /^  link_table/ { links++ }
			/ stack_index:/ && $2 > stack { stack = $2 } / location_indices:/ && $2 > location { location = $2 }
			/ function_index:/ && $2 > function_ { function_ = $2 } /_strindex:/ && $2 > string { string = $2 }
			/ mapping_index:/ && $2 > mapping { mapping = $2 } / attribute_indices:/ && $2 > attribute { attribute = $2 }
			END { exit !(stack < stacks && location < locations && function_ < functions && string < strings &&
				     mapping < mappings && attribute < attributes && links == 1 && stack && location && string) }' "$dir/text" || return 1
	done
}
check otlp__protoc_reads_what_the_report_says '[ $status = 0 ] && otlp_agrees'
check otlp__path_and_encoding 'jq -se "all(.path == \"/v1development/profiles\" and .headers[\"content-encoding\"] == \"gzip\")" "$dir/store/log" >/dev/null'
store partial 200
push --spool "$dir/spool" "$p"
check otlp__what_a_receiver_rejects_is_kept_and_said '[ $status = 4 ] && [ "$(kept)" = $(($(requests) - 1)) ] && [ "$(find "$dir/spool" -name "*.otlp.rejected" | wc -l)" = 1 ] && grep -q "answered 200, but rejected 2 profiles of it: too old" "$dir/err"'
rm -rf "$dir/spool"
store warn
push "$p"
check otlp__a_warning_is_said_once '[ $status = 0 ] && [ "$(kept)" -gt 1 ] && [ "$(grep -c "took it, and warns: use v2" "$dir/err")" = 1 ]'
format=pyroscope

# ---- bad days: a domain's messages each, 3 in this profile ----
n=$(echo "$domains" | wc -l)

store 500 503 200
push "$p"
check errors_500__are_tried_again '[ $status = 0 ] && [ "$(kept)" = $n ] && [ "$(ids)" = $n ] && [ "$(requests)" = $((n + 2)) ] && grep -q "answered 500: this is why: 500 .x1b.31m; the next try" "$dir/err"'
store close-early 200
push "$p"
check closed_mid_transfer__is_tried_again '[ $status = 0 ] && [ "$(kept)" = $n ] && [ "$(ids)" = $n ]'
store slow:1500 200
push "$p"
check slow__is_waited_for '[ $status = 0 ] && [ "$(kept)" = $n ] && [ "$(requests)" = $n ]'
store close-after 200
push "$p"
check answer_lost__arrives_again_with_the_same_id '[ $status = 0 ] && [ "$(kept)" = $((n + 1)) ] && [ "$(ids)" = $n ] && [ "$(jq -r "select(.kept) | .sha" "$dir/store/log" | sort -u | wc -l)" = $n ] && grep -q "no answer came: the store may have it" "$dir/err" && grep -q "1 maybe sent twice" "$dir/err"'
store 429:2 200
before=$(date +%s)
push "$p"
check asked_to_wait__does '[ $status = 0 ] && [ "$(kept)" = $n ] && [ $(($(date +%s) - before)) -ge 2 ]'

store 400 200
push --spool "$dir/spool" "$p"
check rejected__is_kept_and_said_and_does_not_stop_the_others '[ $status = 4 ] && [ "$(kept)" = $((n - 1)) ] && [ "$(requests)" = $n ] && [ "$(find "$dir/spool" -name "*.rejected" | wc -l)" = 1 ] && grep -q "is rejected: the store answered 400" "$dir/err"'
rm -rf "$dir/spool"
store 401
push --spool "$dir/spool" "$p"
check refused__is_said_and_nothing_is_lost '[ $status = 1 ] && [ "$(requests)" = 1 ] && [ "$(waiting "$dir/spool")" = $n ] && grep -q "look at --to, --header-file and --token-file" "$dir/err"'
store redirect:http://127.0.0.1:1/
push --spool "$dir/spool" "$p"
check redirected__is_not_followed '[ $status = 1 ] && [ "$(requests)" = 1 ] && [ "$(waiting "$dir/spool")" = $n ]'
store slow:3000
push --spool "$dir/spool" --timeout 300ms --retry-for 1ms "$p"
check too_slow__is_given_up_and_kept '[ $status = 4 ] && [ "$(waiting "$dir/spool")" = $n ]'

kill $store_pid
wait $store_pid 2>/dev/null
store_pid=
push --spool "$dir/spool" --retry-for 1ms "$p"
check down__is_kept '[ $status = 4 ] && [ "$(waiting "$dir/spool")" = $n ] && grep -q "connect" "$dir/err"'
store 200
push --spool "$dir/spool"
check down__goes_out_later_once '[ $status = 0 ] && [ "$(waiting "$dir/spool")" = 0 ] && [ "$(kept)" = $n ] && [ "$(ids)" = $n ]'
push --spool "$dir/spool"
check sent__is_not_sent_again '[ $status = 0 ] && [ "$(kept)" = $n ]'
rm -rf "$dir/spool"

# ---- secrets ----
printf 'X-Scope-OrgID: tenant-1\n' >"$dir/headers"
printf 's3cret\n' >"$dir/token"
push --header-file "$dir/headers" --token-file "$dir/token" "$p"
check secrets__come_from_files 'tail -n 1 "$dir/store/log" | jq -e ".headers.authorization == \"Bearer s3cret\" and .headers[\"x-scope-orgid\"] == \"tenant-1\"" >/dev/null'
run "$xprof" push --to "http://user:pass@127.0.0.1:$port" -f pyroscope "$p"
check secrets__are_not_taken_from_the_command_line '[ $status = 2 ] && grep -q "can be read by every user" "$dir/err"'
printf 'X-A: b\r\nno header\n' >"$dir/headers"
push --header-file "$dir/headers" "$p"
check secrets__a_line_that_is_no_header '[ $status = 2 ] && grep -q "a line is no header" "$dir/err"'

# ---- following a directory ----
dir_of="$dir/profiles"
mkdir "$dir_of"
cp "$p" "$dir_of/xprof-20261128T100000.000Z.data"
cp tests/data/profile/series-1.1.xprof "$dir_of/xprof-20261128T100100.000Z.data"
cp "$p" "$dir_of/not-ours.data"
follow() {
	"$xprof" push --to "http://127.0.0.1:$port" -f pyroscope --follow "$dir_of" >"$dir/follow.out" 2>&1 &
	follower=$!
}
# arrives COUNT: waits until so many ids have come
arrives() {
	i=0
	while [ "$(ids)" -lt "$1" ] && [ $i -lt 150 ]; do sleep 0.1; i=$((i + 1)); done
	[ "$(ids)" = "$1" ]
}
m=$("$xprof" report --json tests/data/profile/series-1.1.xprof | jq -r '[.symbols[] | select(.mode != "idle") | .domain] | unique | length')
store 500 200
follow
sleep 0.5
kill -9 $follower
wait $follower 2>/dev/null
follow
check follow__all_of_them_though_killed_between 'arrives $((n + m))'
cp tests/data/profile/chains-1.2.xprof "$dir_of/.new" && mv "$dir_of/.new" "$dir_of/xprof-20261128T100200.000Z.data"
c=$("$xprof" report --json tests/data/profile/chains-1.2.xprof | jq -r '[.symbols[] | select(.mode != "idle") | .domain] | unique | length')
check follow__one_that_comes 'arrives $((n + m + c))'
kill $follower
wait $follower
status=$?
check follow__told_to_end '[ $status = 0 ]'
check follow__each_once '[ "$(kept)" = $((n + m + c)) ] && [ "$(ls "$dir_of/spool")" = taken ]'
follow
sleep 0.7
kill $follower
wait $follower
check follow__begun_again_sends_nothing_again '[ "$(kept)" = $((n + m + c)) ]'

# ---- TLS ----
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 \
	-keyout "$dir/key.pem" -out "$dir/cert.pem" 2>/dev/null
store 200
run "$xprof" push --to "https://127.0.0.1:$port" -f pyroscope "$p"
check tls__a_certificate_that_nobody_knows '[ $status = 1 ] && [ ! -e "$dir/store/log" ] && grep -qi "certificate" "$dir/err"'
run "$xprof" push --to "https://127.0.0.1:$port" -f pyroscope --ca-file "$dir/cert.pem" "$p"
check tls__the_authority_that_was_given '[ $status = 0 ] && [ "$(kept)" = $n ]'

# ---- usage ----
run "$xprof" push -f pyroscope "$p"
check usage__where_to '[ $status = 2 ] && grep -q "where to? --to http" "$dir/err"'
run "$xprof" push --to http://x -f pyroskope "$p"
check usage__a_format_that_is_none '[ $status = 2 ] && grep -q "did you mean pyroscope?" "$dir/err"'
run "$xprof" push --to ftp://x -f parca "$p"
check usage__no_address '[ $status = 2 ] && grep -q "is no address of a store" "$dir/err"'
run "$xprof" push --to http://x -f parca
check usage__nothing_to_send '[ $status = 2 ] && grep -q "which profiles?" "$dir/err"'
run "$xprof" push --to "http://127.0.0.1:1" -f parca /dev/null
check usage__what_is_no_profile '[ $status = 1 ]'
exit $failed
