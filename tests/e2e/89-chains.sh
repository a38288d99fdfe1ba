# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# xenhost: --cpus 2 --timeout 600
#
# Call chains: of a program whose functions, and who calls whom, are drawn from the run's seed; of dom0's kernel; of Xen. The
# truth is the program's source (chain-program).
source /usr/lib/xprof-tests/lib.sh
TRUTH=/usr/share/xprof-tests/chains

# chains_of JSON: "SAMPLES FUNCTION CALLER…" of each place in the tree of calls that has samples in user mode.
chains_of()
{
	jq -r '. as $r | def up($i): if $i == null then [] else [$r.symbols[$r.calls[$i].symbol].symbol // "?"] + up($r.calls[$i].caller) end;
		range(.calls | length) as $i | select(.calls[$i].counts.timer > 0) | . as $x | $r.symbols[.calls[$i].symbol] as $s |
		select($s.mode == "user") | "\($r.calls[$i].counts.timer) \(up($i) | join(" "))"' "$1"
}

# judge CHAINS: "RIGHT ALL" of samples in the program's functions; a chain is right if it has the truth's callers up to main.
judge()
{
	awk 'NR == FNR {truth[$1] = $0; next}
		$2 in truth {
			all += $1
			line = $0
			sub(/^[0-9]+ /, "", line)
			if (index(line " ", truth[$2] " ") == 1) right += $1
			else if (shown++ < 5) print "wrong: " $0 > "/dev/stderr"
		}
		END {print right + 0, all + 0}' $TRUTH "$1"
}

exact()
{
	local right all
	"$1" &
	xprof record -g --source hpet -F 1000 -o "/tmp/$1.xprof" -- sleep 8
	kill %1
	xprof report -i "/tmp/$1.xprof" -g --no-children >"/tmp/$1.txt"
	head -n 60 "/tmp/$1.txt"
	xprof report -i "/tmp/$1.xprof" -g --json >"/tmp/$1.json"
	cp "/tmp/$1.xprof" /out/
	chains_of "/tmp/$1.json" >"/tmp/$1.chains"
	read -r right all < <(judge "/tmp/$1.chains")
	echo "figure: $1: $((right / 1000000)) of $((all / 1000000)) samples (ms) have exactly the chain that the program has"
	assert_ge "samples of the program (ms)" $((all / 1000000)) 3000
	assert_ge "exact chains (per mille)" $((1000 * right / all)) "$2"
}

without_xen_syms()
{
	xprof record -g --source hpet -F 500 -o /tmp/n.xprof -- sleep 2
	assert_in "what the report says" "# chains do not go through Xen: there is no xen-syms" "$(xprof report -i /tmp/n.xprof -g)"
}

mkdir -p /usr/lib/debug/boot
t "without xen-syms the report says why Xen has no chains" without_xen_syms
ln -s /usr/share/xprof-tests/xen-syms /usr/lib/debug/boot/xen-syms-running
t "frame pointers alone: 99% of chains are exact" exact chains-fp 990
t ".eh_frame alone: 95% of chains are exact" exact chains-cfi 950

xen_goes_on()
{
	sysio --seconds 30 >/dev/null &
	xprof record -g --source hpet -F 2000 -o /tmp/x.xprof -- sleep 6
	kill %1
	cp /tmp/x.xprof /out/
	xprof report -i /tmp/x.xprof -g --json >/tmp/x.json
	xprof report -i /tmp/x.xprof -g >/tmp/x.txt
	head -n 80 /tmp/x.txt
	# Samples in Xen by whose code their chain goes on in: a system call of a PV guest's process enters Xen from the process.
	jq -r '. as $r | def below($i): $r.calls[$i].caller as $c | if $c == null then "none" else $r.symbols[$r.calls[$c].symbol] |
			if .mode == "xen" then below($c) elif .symbol == "[truncated]" then "cut" else .mode end end;
		range(.calls | length) | select($r.symbols[$r.calls[.].symbol].mode == "xen" and $r.calls[.].counts.timer > 0) |
		"\(below(.)) \($r.calls[.].counts.timer / 1000000)"' /tmp/x.json >/tmp/below
	of() { awk -v k="$1" '$1 ~ k {n += $2} END {printf "%d\n", n}' /tmp/below; }
	echo "figure: of $(of .) samples in Xen (ms) $(of kernel) have a chain into dom0's kernel, $(of user) into its processes"
	assert_ge "samples in Xen (ms)" "$(of .)" 500
	assert_ge "of chains in Xen those that reach dom0 (per cent)" $((100 * $(of 'kernel|user') / $(of .))) 60
	assert_ge "those that reach its kernel (per cent)" $((100 * $(of kernel) / $(of .))) 25
	nothing_is_left
}
t "chains go on from dom0 into Xen" xen_goes_on
