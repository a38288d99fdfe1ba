# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Shares: drawn anew for every run (XPROF_SEED= repeats one), and compared with a truth that is not xprof's.
#
# Which counter is the truth of two functions of one process? Where instructions are counted, the iterations that it
# did in each: both are the same machine code, so iterations are time. Its TSC counters hold whatever interrupts a
# slice, another domain's turn included, which samples of the function do not. On the wall clock it is the TSC, of a
# process that hardly anything interrupts: an emulator translates each loop by itself, and how fast it runs depends on
# where the translation lies (by iterations a is off by 0 to 2.9 points in runs in which nothing else is wrong).
#
# The truth of domains is Xen's run-time accounting, read by xen-run-times at two moments; the samples between the two
# are counted. Both charge the current vCPU, so Xen's own work on it is in both.

SEED=$(cat /etc/xprof-seed 2>/dev/null || echo $RANDOM)
echo "figure: seed $SEED (XPROF_SEED=$SEED repeats this run's draws)"
RANDOM=$((SEED % 32768))

# draw LEAST MOST: into $drawn. Draw outside of cases: those are subshells, and bash seeds a subshell's RANDOM anew.
draw() { drawn=$(( $1 + RANDOM % ($2 - $1 + 1) )); }

# draw_ratio: into $ratio, as compute wants it.
draw_ratio()
{
	draw 1 9
	ratio=$drawn
	draw 1 9
	ratio+=:$drawn
}

# share_of NAME SEEN TOTAL TRUTH SIGMAS POINTS: SEEN of TOTAL samples against the TRUTH (0..1), which they may miss by
# SIGMAS standard errors and POINTS percentage points. Prints; status 1 if it is off by more.
share_of()
{
	awk -v name="$1" -v seen="$2" -v total="$3" -v truth="$4" -v sigmas="$5" -v points="$6" '
	function root(x,  r, i) { # busybox has none
		r = 1
		for (i = 0; i < 50; i++)
			r = (r + x / r) / 2
		return r
	}
	BEGIN {
		if (total < 1) {
			print "figure: " name ": no samples"
			exit 1
		}
		share = seen / total
		off = share - truth
		allowed = sigmas * root(truth * (1 - truth) / total) + points / 100
		printf "figure: %s: %.2f%% of %d samples, in truth %.2f%%: off by %.2f points, allowed %.2f\n",
			name, 100 * share, total, 100 * truth, 100 * off, 100 * allowed
		exit !(off <= allowed && off >= -allowed)
	}'
}

# functions_agree PROFILE CPU|all COMPUTE.JSON SIGMAS POINTS iterations|tsc: work_a and work_b of dom0's compute, by
# that counter. What the other one says is printed, too.
functions_agree()
{
	local a b counter status=0 cpu=()
	[[ $2 == all ]] || cpu=(--cpu "$2")
	xprof report -i "$1" --json "${cpu[@]}" >/tmp/functions.json
	a=$(json /tmp/functions.json '[.symbols[] | select(.domain_id == 0 and .symbol == "work_a") | .samples.timer] | add // 0')
	b=$(json /tmp/functions.json '[.symbols[] | select(.domain_id == 0 and .symbol == "work_b") | .samples.timer] | add // 0')
	for counter in iterations tsc; do
		share_of "pCPU $2: work_a of work_a and work_b ($(json "$3" .ratio)), by $counter$([[ $counter == "$6" ]] || echo " (not judged)")" \
			"$a" $((a + b)) "$(json "$3" ".${counter}_a / (.${counter}_a + .${counter}_b)")" "$4" "$5" ||
			[[ $counter != "$6" ]] || status=1
	done
	return $status
}

# domains_agree DUMP CPU TIMES-BEFORE TIMES-AFTER SIGMAS POINTS: every domain on that pCPU, idle left out. A vCPU
# belongs to the CPU that it was on (and is pinned to, where there are several).
domains_agree()
{
	local total domid seen truth bad=0
	awk -v cpu="$2" '
		FILENAME == ARGV[1] && $1 == "tsc" {from = $2}
		FILENAME == ARGV[2] && $1 == "tsc" && !to {to = $2}
		$1 == "vcpu" && $5 == cpu {ran[$2] += FILENAME == ARGV[2] ? $4 : -$4; if (FILENAME == ARGV[2]) known[$2] = 1}
		$1 == "sample" && $3 == "cpu=" cpu {
			tsc = substr($2, 5) + 0
			domid = substr($4, 7)
			if (tsc < from || tsc >= to)
				next
			if (domid == 32767) {
				idle++
				next
			}
			seen[domid]++
			total++
		}
		END {
			for (d in known)
				all += ran[d]
			for (d in known)
				print d, seen[d] + 0, total + 0, ran[d] / all
			print "idle", idle + 0, total + idle + 0, 0
		}' "$3" "$4" "$1" >/tmp/shares
	while read -r domid seen total truth; do
		if [[ $domid == idle ]]; then
			echo "figure: pCPU $2: $seen of $total samples were idle"
		else
			share_of "pCPU $2: domain $domid" "$seen" "$total" "$truth" "$5" "$6" || bad=1
		fi
	done </tmp/shares
	return $bad
}

# ticks_dropped DUMP: what the emulator did not deliver.
ticks_dropped()
{
	awk '$1 == "stats" {
		for (i = 2; i <= NF; i++) {
			split($i, f, "=")
			v[f[1]] = f[2]
		}
		printf "figure: pCPU %d: %d ticks were due, %d NMIs came, %d (%.1f%%) were dropped by the emulator or merged\n",
			v["cpu"], v["ticks"], v["nmis"], v["ticks"] - v["nmis"], v["ticks"] ? 100 * (v["ticks"] - v["nmis"]) / v["ticks"] : 0
	}' "$1"
}
