# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Group "peers", sourced into run: on one emulated machine with counters and one CPU, sampling cycles at one period,
#
#   empty           an NMI callback that does nothing, on stock Xen (tests/payloads/empty.c)
#   xenoprof        the xenoprof in stock Xen 4.17, driven by tools/peers/xenoprof-drive
#   xprof           with one event; xprof-2, xprof-4: with two and four; xprof-g: with one and call chains
#   perf, perf-g    Linux's own on the same machine without Xen: without and with call chains
#
# in two boots (one more to learn the kernel's addresses). The emulator counts the instructions of each NMI.

peers_period=${BENCH_PERIOD:-400000}
peers_seconds=${BENCH_SECONDS:-5}
peers_all=(empty xenoprof xprof xprof-2 xprof-4 xprof-g perf perf-g)

# peers_phase NAME: FILE and PHASE of what the emulator counted for it.
peers_phase() {
	case $1 in
	empty) echo "$work/peers-xen.json" 1 ;;
	xenoprof) echo "$work/peers-xen.json" 2 ;;
	xprof) echo "$work/peers-xen.json" 3 ;;
	xprof-2) echo "$work/peers-xen.json" 4 ;;
	xprof-4) echo "$work/peers-xen.json" 5 ;;
	xprof-g) echo "$work/peers-xen.json" 6 ;;
	perf) echo "$work/peers-bare.json" 1 ;;
	perf-g) echo "$work/peers-bare.json" 2 ;;
	esac
}

# peers_nmi NAME CLASS FIELD
peers_nmi() {
	local file phase
	read -r file phase < <(peers_phase "$1")
	nmi_cost "$file" "$phase" "$2" "$3"
}

# peers_kallsyms: a file of the kernel's symbols; they are the same at each boot (nokaslr), but only a booted kernel tells them.
peers_kallsyms() {
	local file
	file=$work/kallsyms-$(cksum <"$KERNEL_ELF" | cut -d' ' -f1)
	if [ ! -s "$file" ]; then
		xenhost symbols symbols.sh --xen none --linux-args nokaslr
		cp "$work/symbols/kallsyms" "$file"
	fi
	echo "$file"
}

# nmi_cost_linux KALLSYMS OUT: as nmi_cost_xen, for Linux on the bare machine.
nmi_cost_linux() {
	awk -v plugin="$work/nmi-cost.so" -v out="$2" '
		$3 == "asm_exc_nmi" {entry = $1}
		$3 == "asm_exc_page_fault" || $3 == "asm_exc_general_protection" {faults = faults ",fault=" $1}
		END {printf "-plugin %s,entry=%s,first=ffff800000000000,last=ffffffffffffffff%s,out=%s", plugin, entry, faults, out}' "$1"
}

peers_run() {
	local symbols
	symbols=$(peers_kallsyms)
	xenhost peers-xen "peers-xen.sh $peers_period $peers_seconds" --cpus 1 --pmu amd --overlay "$work/peers" \
		--qemu-args "$(nmi_cost_xen "$work/peers-xen.json")"
	xenhost peers-bare "peers-bare.sh $peers_period $peers_seconds" --cpus 1 --pmu amd --overlay "$work/peers" \
		--xen none --linux-args nokaslr --qemu-args "$(nmi_cost_linux "$symbols" "$work/peers-bare.json")"
}

# peers_recorded NAME: SAMPLES LOST BYTES of what it recorded itself; nothing for the empty callback.
peers_recorded() {
	local dir=$work/peers-xen
	case $1 in
	xenoprof) # 16 bytes in Xen's buffer are all that there is of a sample: nobody writes a file
		awk '/^samples / {print $2, $4, $2 * 16}' "$dir/xenoprof.txt" ;;
	xprof*)
		"$build/xprof" report -i "$dir/$1.xprof" --json |
			jq -r --argjson size "$(stat -c %s "$dir/$1.xprof")" '"\([.samples[]] | add) \([.lost[]] | add) \($size)"' ;;
	perf*)
		dir=$work/peers-bare
		echo "$(awk '/SAMPLE events:/ {print $3; exit}' "$dir/$1.stats")" \
			"$(awk '/Total Lost Samples:/ {print $5; exit}' "$dir/$1.report")" "$(cat "$dir/$1.bytes")" ;;
	esac
}

# peers_how NAME CLASS-IN-WORDS COUNT
peers_how() {
	local samples lost bytes said='no samples: the callback does nothing'
	read -r samples lost bytes < <(peers_recorded "$1") || :
	[ -z "${samples:-}" ] || said="$samples samples recorded in that run, $lost lost"
	printf 'median of %s NMIs%s, from delivery to IRET, counted by the emulator from outside; %s; cycles every %s' \
		"$3" "$2" "$said" "$peers_period"
}

# peers_put NAME PEER GOAL: its instructions for each NMI, in all and by what was interrupted; beside those of another NAME.
peers_put() {
	local name=$1 peer=$2 goal=$3 class words
	put "nmi.instructions.$name" "$(peers_nmi "$name" all median)" instructions "$goal" \
		"$(peers_how "$name" '' "$(peers_nmi "$name" all count)")" "${peer:+nmi.instructions.$peer}"
	for class in host user svm; do
		[ "$(peers_nmi "$name" $class count)" -gt 0 ] || continue
		words=$(peers_class "$name" $class)
		put "nmi.instructions.$name.$words" "$(peers_nmi "$name" $class median)" instructions "" \
			"$(peers_how "$name" " that interrupted $words" "$(peers_nmi "$name" $class count)")" "$(peers_other "$peer" $class)"
	done
}

# peers_class NAME CLASS: how the figures call it.
peers_class() {
	case $1-$2 in
	perf*-host) echo kernel ;;
	perf*-user) echo user ;;
	perf*-svm) ;;
	*-host) echo xen ;;
	*-user) echo pv ;;
	*-svm) echo svm ;;
	esac
}

# peers_other PEER CLASS: the figure beside one of that class; nothing if there is none.
peers_other() {
	local words
	words=$(peers_class "$1" "$2")
	[ -z "$1" ] || [ -z "$words" ] || echo "nmi.instructions.$1.$words"
}

# peers_put_record NAME PEER: bytes a sample and samples lost.
peers_put_record() {
	local samples lost bytes what='whole file over samples'
	read -r samples lost bytes < <(peers_recorded "$1")
	[ "$1" != xenoprof ] || what="of Xen's buffer; what comes of it in a file is another program's"
	put "bytes-per-sample.$1" "$(awk -v b="$bytes" -v n="$samples" 'BEGIN {printf "%.2f", b / n}')" bytes "" \
		"$what, $samples samples in $peers_seconds s of one CPU" "${2:+bytes-per-sample.$2}"
	put "lost.$1" "$lost" samples "" "of $((samples + lost)), as it says itself" "${2:+lost.$2}"
}

peers_row() {
	local what=$1
	shift
	printf '%-26s' "$what"
	printf ' %9s' "$@"
	printf '\n'
}

# peers_column FUNCTION ARG…: FUNCTION NAME ARG… for all of them, as a row's cells.
peers_cells() {
	local name value function=$1
	shift
	for name in "${peers_all[@]}"; do
		value=$("$function" "$name" "$@")
		printf '%s\n' "${value:--}"
	done
}

peers_recorded_field() { peers_recorded "$1" | awk -v f="$2" '{print f == 3 ? sprintf("%.1f", $3 / $1) : $f}'; }
peers_median() { peers_nmi "$1" "$2" median | sed 's/^0$/-/'; }

peers_table() {
	local cells
	printf '\nOn one emulated CPU (not hardware), cycles every %s, %s s each:\n' "$peers_period" "$peers_seconds"
	peers_row "" "${peers_all[@]}"
	mapfile -t cells < <(peers_cells peers_median all); peers_row "instructions of an NMI" "${cells[@]}"
	mapfile -t cells < <(peers_cells peers_median host); peers_row "  in Xen, or Linux's kernel" "${cells[@]}"
	mapfile -t cells < <(peers_cells peers_median user); peers_row "  in a PV guest, or user" "${cells[@]}"
	mapfile -t cells < <(peers_cells peers_median svm); peers_row "  in an SVM guest" "${cells[@]}"
	mapfile -t cells < <(peers_cells peers_nmi all count); peers_row "NMIs" "${cells[@]}"
	mapfile -t cells < <(peers_cells peers_recorded_field 1); peers_row "samples recorded" "${cells[@]}"
	mapfile -t cells < <(peers_cells peers_recorded_field 2); peers_row "samples lost" "${cells[@]}"
	mapfile -t cells < <(peers_cells peers_recorded_field 3); peers_row "bytes of a sample" "${cells[@]}"
	printf '\n'
}

bench_peers() {
	local name one class words
	peers_run
	one=$(peers_nmi xprof all median)
	peers_put empty "" ""
	peers_put xenoprof "" ""
	peers_put perf "" ""
	peers_put perf-g "" ""
	peers_put xprof empty "<= 350"
	for class in all host user svm; do
		words=$(peers_class xprof $class)
		if [ "$(peers_nmi xprof $class count)" -eq 0 ] || [ "$(peers_nmi empty $class count)" -eq 0 ]; then
			echo "bench: peers: no NMI interrupted $words in both runs: no figure of it" >&2
			continue
		fi
		put "nmi.instructions.xprof.above-empty${words:+.$words}" "$(($(peers_nmi xprof $class median) - $(peers_nmi empty $class median)))" \
			instructions "<= 116" "nmi.instructions.xprof${words:+.$words} less nmi.instructions.empty${words:+.$words}"
	done
	put nmi.instructions.xprof.event "$(awk -v one="$one" -v four="$(peers_nmi xprof-4 all median)" 'BEGIN {printf "%.1f", (four - one) / 3}')" \
		instructions "<= 40" "each further event: a third of what four (cycles, instructions, llc-misses, dtlb-misses) cost above one; $(peers_how xprof-4 '' "$(peers_nmi xprof-4 all count)")"
	put nmi.instructions.xprof.event-2 "$(($(peers_nmi xprof-2 all median) - one))" instructions "<= 40" \
		"the second event (instructions); $(peers_how xprof-2 '' "$(peers_nmi xprof-2 all count)")"
	peers_put xprof-g perf-g ""
	put nmi.instructions.xprof-g.p99 "$(peers_nmi xprof-g all p99)" instructions "" "99th percentile of nmi.instructions.xprof-g" \
		"perf's" "$(peers_nmi perf-g all p99)"
	for name in xenoprof perf perf-g; do peers_put_record "$name" ""; done
	peers_put_record xprof perf
	peers_put_record xprof-g perf-g
	peers_table
}
