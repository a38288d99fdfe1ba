# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Who has the counters and the NMIs: Xen's registers by the test payload tamper, and what a profile says of NMIs.
PAYLOADS=/usr/lib/xprof-payloads

# Live patching waits at most 30 ms for all CPUs, which an emulator does not always manage.
livepatch()
{
	local try
	for (( try = 0; try < 20; try++ )); do
		xen-livepatch "$@" && return
		sleep 0.3
	done
	fail "xen-livepatch $* did not work in 20 tries"
}

patch_in() { xen-livepatch upload "$1" "$PAYLOADS/$1.livepatch" && livepatch apply "$1" "${@:2}"; }
patch_out() { livepatch revert "$1" && xen-livepatch unload "$1"; }

# tamper_in: before xprof's own patch, so that xprof comes and goes above it.
tamper_in() { xen-livepatch list | grep -q '^ *tamper .*APPLIED' || patch_in tamper; }

# tamper KEY TEXT: presses one of its keys, until the console says so.
tamper()
{
	xl dmesg -c >/dev/null
	xl debug-keys "$1"
	wait_for 60 sh -c "xl dmesg | grep -q 'xprof-test: $2'"
}

# registers: a line for each CPU: LVTPC, then all registers of its counters. Without the value of a counter that is on:
# it goes on counting for whoever has it.
registers()
{
	tamper 1 'registers done'
	xl dmesg | sed -n 's/.*xprof-test: cpu /cpu /p' | awk '
	function bit_22(hex,  n, i) {
		for (i = 1; i <= length(hex); i++)
			n = n * 16 + index("0123456789abcdef", substr(hex, i, 1)) - 1
		return int(n / 4194304) % 2
	}
	{
		line = $1 " " $2 " " $3
		on = 0
		for (i = 4; i <= NF; i++) {
			split($i, r, "=")
			line = line " " (on ? r[1] "=counts" : $i)
			# a select (of Intel, AMD with six counters, AMD with four); its counter is next
			on = r[1] ~ /^(18[6-9a-d]|c001020[02468a]|c001000[0-3])$/ && bit_22(r[2])
		}
		print line
	}'
}

# none_is_nobodys PROFILE: whole, with counters only.
none_is_nobodys()
{
	assert_eq "NMIs handed on" "$(xprof dump -i "$1" | grep '^stats' >/tmp/stats; stat_of passed /tmp/stats)" 0
	assert_eq "unknown NMIs in dom0's log" "$(dmesg | grep -c 'NMI received' || :)" 0
}

# as_found: what registers wrote to /tmp/found holds again.
as_found() { registers >/tmp/left; diff /tmp/found /tmp/left || fail "registers are not as found"; }

# stat_of FIELD DUMP [CPU]: the sum over CPUs of one field of the lines "stats".
stat_of()
{
	awk -v field="$1" -v cpu="cpu=${3:-}" '$1 == "stats" && (cpu == "cpu=" || $2 == cpu) {
		for (i = 3; i <= NF; i++) {
			split($i, f, "=")
			if (f[1] == field)
				n += f[2]
		}
	}
	END {print n + 0}' "$2"
}

# produced REPORT.json: of all events, lost ones too.
produced() { jq '([.samples[]] | add) + ([.lost[]] | add)' "$1"; }

# gaps DUMP REASON CPU
gaps() { grep -c "^gap .*cpu=$3 .*reason=$2\$" "$1" || :; }

stop_and_read() # FILE
{
	assert_status "stop" 0 xprof stop
	read_profile "$1"
}

read_profile() # FILE: FILE.json, FILE.txt, FILE.dump
{
	xprof report -i "$1" --json >"$1.json"
	xprof report -i "$1" >"$1.txt"
	xprof dump -i "$1" >"$1.dump"
	grep '^#' "$1.txt"
	grep -E '^(gap|lost|stats|counters) ' "$1.dump" | sed -n 1,40p
}

# no_stray NAME BEFORE AFTER FILE [CPUS]: Xen counted the NMIs of the samples and of nobody else; two for each CPU may be
# cut off at both ends.
no_stray()
{
	local more=$(($3 - $2 - $(produced "$4.json")))
	echo "figure: $1: Xen counted $(($3 - $2)) NMIs, xprof produced $(produced "$4.json"), handed on $(stat_of passed "$4.dump")"
	assert_ge "$1: NMIs that are not samples" $more 0
	assert_le "$1: NMIs that are not samples" $more $((2 * ${5:-2}))
	assert_eq "$1: NMIs handed on" "$(stat_of passed "$4.dump")" 0
}
