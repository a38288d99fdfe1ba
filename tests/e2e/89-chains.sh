# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# xenhost: --cpus 2 --timeout 600
#
# Call chains: of a program whose functions, and who calls whom, are drawn from the run's seed, and of what dom0's kernel does for it;
# of Xen. The truth is the program's source (chain-program). Guests': 87-guest-processes.
source /usr/lib/xprof-tests/lib.sh
source /usr/lib/xprof-tests/chains.sh
TRUTH=/usr/share/xprof-tests/chains

exact()
{
	local right wrong cut
	"$1" &
	xprof record -g --source hpet -F 1000 -o "/tmp/$1.xprof" -- sleep 8
	kill %1
	xprof report -i "/tmp/$1.xprof" -g --no-children >"/tmp/$1.txt"
	head -n 60 "/tmp/$1.txt"
	xprof report -i "/tmp/$1.xprof" -g --json >"/tmp/$1.json"
	cp "/tmp/$1.xprof" /out/
	user_chains "/tmp/$1.json" Domain-0 >"/tmp/$1.chains"
	read -r right wrong cut < <(judge "/tmp/$1.chains" user $TRUTH)
	echo "figure: $1: $right of $((right + wrong)) samples (ms) have exactly the chain that the program has"
	assert_ge "samples of the program (ms)" $((right + wrong)) 1500
	assert_ge "exact chains (per mille)" $((1000 * right / (right + wrong))) "$2"
	read -r right wrong cut < <(judge "/tmp/$1.chains" kernel $TRUTH)
	echo "figure: $1: of what the kernel does for it $right of $((right + wrong)) samples (ms); $cut others in the kernel reach no process"
	assert_ge "samples of what the kernel does for the program (ms)" $((right + wrong)) 200
	assert_ge "exact chains from the kernel into the program (per mille)" $((1000 * right / (right + wrong))) "$2"
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
