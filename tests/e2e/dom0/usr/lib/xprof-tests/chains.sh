# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# For scenarios about call chains: what a report says of them, against who calls whom by the program's source.

# user_chains JSON DOMAIN: "NS MODE FUNCTION CALLER…" of each place in the tree of calls that has samples of its own: what mode they are
# in, and the part of the chain that lies in a process, innermost first. (Of a report -g --json.)
user_chains()
{
	jq -r --arg domain "$2" '. as $r |
		def row($i): $r.symbols[$r.calls[$i].symbol];
		def up($i): if $i == null then [] else (if row($i).mode == "user" then [row($i).symbol // "?"] else [] end) + up($r.calls[$i].caller) end;
		range(.calls | length) as $i | select($r.calls[$i].counts.timer > 0 and row($i).domain == $domain) |
		"\($r.calls[$i].counts.timer) \(row($i).mode) \(up($i) | join(" "))"' "$1"
}

# judge CHAINS MODE TRUTH: "RIGHT WRONG CUT" of samples in that mode, in ms. TRUTH has "FUNCTION CALLER… main" for each function. A chain whose
# first function is one of these is right if it has that one's callers; one that does not reach a process is cut; those that begin with
# other functions are left out.
judge()
{
	awk -v mode="$2" 'NR == FNR {truth[$1] = $0; next}
		$2 != mode {next}
		NF == 2 {cut += $1; next}
		$3 in truth {
			line = $0
			sub(/^[0-9]+ [a-z]+ /, "", line)
			if (index(line " ", truth[$3] " ") == 1) right += $1
			else {
				wrong += $1
				if (shown++ < 5) print "wrong: " $0 >"/dev/stderr"
			}
		}
		END {printf "%d %d %d\n", right / 1e6, wrong / 1e6, cut / 1e6}' "$3" "$1"
}
