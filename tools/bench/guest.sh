# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Group "guest", sourced into run: what it costs to find a guest's kernel in its memory and to read its symbols, for the first time
# and again, by what was kept. Of a PV and a PVH guest, the larger figure of the two:
#
#   in dom0 of an emulator that counts instructions: the collector's own reader, Xen's part of mapping the frames included
#   on this machine: the same reader with the frames that were recorded there (bench-guest-replay): CPU time and memory
#
# dom0/guest.sh makes the guests; what build/bench-guest prints stands at its head.

# guest_value FILE NAME: one of these.
guest_value() { awk -v name="$2" '$1 == name {print $2}' "$1"; }

# guest_replay TYPE RUN [chains]: for the first time, and again; two files beside what dom0 said.
guest_replay() {
	local dir=$work/guest type=$1 run=$2 kind
	shift 2
	rm -rf "$work/guest-cache"
	for kind in first again; do
		BENCH_GUEST_FRAMES=$dir/$type.frames XPROF_CACHE=$work/guest-cache "$build/bench-guest-replay" 1 "$type" "$@" \
			>"$dir/here-$type-$kind${1:+-$1}.$run"
	done
}

# guest_same TYPE KIND: what was read here is what was read in dom0.
guest_same() {
	local file name
	for file in "$work/guest/here-$1-$2".*; do
		for name in symbols modules tasks; do
			[ "$(guest_value "$file" $name)" = "$(guest_value "$work/guest/$1-$2" $name)" ] ||
				die "guest: $1: $name: $(guest_value "$file" $name) here, $(guest_value "$work/guest/$1-$2" $name) in dom0"
		done
	done
}

# guest_here KIND NAME: the median of the runs of one guest, the larger of both guests'.
guest_here() {
	local type file
	for type in pv pvh; do
		for file in "$work/guest/here-$type-$1".*; do guest_value "$file" "$2"; done | median 1
	done | sort -n | tail -n 1
}

# guest_there KIND NAME: the larger of both guests', in dom0.
guest_there() { for type in pv pvh; do guest_value "$work/guest/$type-$1" "$2"; done | sort -n | tail -n 1; }

guest_seconds() { awk -v ns="$(guest_here "$1" "$2")" 'BEGIN {printf "%.4f", ns / 1e9}'; }
guest_mb() { awk -v kb="$(guest_here "$1" "$2")" 'BEGIN {printf "%.1f", kb / 1024}'; }

# guest_put NAME KIND WHAT: time, memory and, of dom0, instructions; goals are the first reading's.
guest_put() {
	local name=$1 kind=$2 what=$3 goal='' limit='' peer=()
	case $kind in
	again*) peer=("${name%.again}.cpu") ;;
	*) goal='< 1' limit='< 20' ;;
	esac
	put "$name.cpu" "$(guest_seconds "$kind" reader_ns)" s "$goal" "CPU time of the reader, $what; $guest_how" "${peer[@]}"
	put "$name.memory" "$(guest_mb "$kind" reader_kb)" MB "$limit" \
		"peak resident set of the same process, of which $(guest_mb "$kind" idle_kb) are the program and its libraries; it leaves $(guest_mb "$kind" result_kb) until the session ends"
	put "$name.instructions" "$(($(guest_there "$kind" reader_ns) / (1 << guest_shift)))" instructions "" \
		"emulated: the same in dom0, its system calls and Xen's part included, -icount shift=$guest_shift"
}

guest_shift=1

bench_guest() {
	local type run kind
	mkdir -p "$work/guest-overlay/usr/bin"
	cp "$build/bench-guest" "$build/guest-frames" "$work/guest-overlay/usr/bin/"
	xenhost guest guest.sh --cpus 1 --icount $guest_shift --xen-args nmi=ignore --overlay "$work/guest-overlay"
	for type in pv pvh; do
		for run in 1 2 3 4 5; do guest_replay $type $run; guest_replay $type $run chains; done
		for kind in first again first-chains again-chains; do guest_same $type $kind; done
	done
	guest_how="this machine, $(stat -c %s "$work"/guest/{pv,pvh}.frames | sort -n | tail -n 1 | awk '{printf "%.0f", $1 / 4104}') frames recorded in the emulator of a Debian guest with a module, $(guest_there first symbols) symbols; the larger of a PV and a PVH guest's medians of 5"
	guest_put guest.kernel first "for the first time"
	guest_put guest.kernel.again again "by what was kept: only its notes and its list of modules are read"
	guest_put guest.kernel.chains first-chains "for the first time, with unwind rules (record -g)"
	guest_put guest.kernel.chains.again again-chains "by what was kept, with unwind rules, which are not kept"
	put guest.kernel.names "$(guest_seconds first names_ns)" s "" "CPU time to load the symbols when the session ends; $guest_how"
	put guest.kernel.names.memory "$(guest_mb first-chains names_kb)" MB "" "peak resident set of the process that does so, with unwind rules"
	put guest.kernel.names.again "$(guest_seconds again names_ns)" s "" "the same of what was kept" guest.kernel.names
}
