# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034 # options are read in emulator.sh and watch.sh
# xenhost run: one scenario in dom0, from its options to its status.

XH_OPT_XEN=stock XH_OPT_CPUS=2 XH_OPT_MEMORY=2048 XH_OPT_OUT='' XH_OPT_TIMEOUT=300 XH_OPT_EXPECT_REBOOT=0 XH_OPT_KINDS=0
XH_OPT_ICOUNT='' XH_OPT_HPET_MSI=on XH_OPT_PMU=none XH_OPT_PMU_MODEL='' XH_OPT_PMU_OPTIONS='' XH_OPT_TRUTH='' XH_OPT_XEN_ARGS='' XH_OPT_LINUX_ARGS='' XH_OPT_QEMU_ARGS=''
XH_OPT_RELEASE=bookworm XH_OPT_OVERLAYS=() XH_OPT_SCRIPT=() XH_WORK=''

xh_parse_run()
{
	while (( $# )); do
		case $1 in
		--expect-reboot) XH_OPT_EXPECT_REBOOT=1; shift; continue ;;
		--guest-kinds) XH_OPT_KINDS=1; shift; continue ;;
		--*) (( $# > 1 )) || xh_die "$XH_EX_USAGE" "option $1 needs a value" "xenhost --help" ;;
		*) break ;;
		esac
		case $1 in
		--xen) XH_OPT_XEN=$2 ;;
		--release) XH_OPT_RELEASE=$2 ;;
		--cpus) XH_OPT_CPUS=$2 ;;
		--memory) XH_OPT_MEMORY=$2 ;;
		--out) XH_OPT_OUT=$2 ;;
		--overlay) XH_OPT_OVERLAYS+=("$2") ;;
		--timeout) XH_OPT_TIMEOUT=$2 ;;
		--icount) XH_OPT_ICOUNT=$2 ;;
		--hpet-msi) XH_OPT_HPET_MSI=$2 ;;
		--pmu) XH_OPT_PMU=$2 ;;
		--pmu-model) XH_OPT_PMU_MODEL=$2 ;;
		--pmu-options) XH_OPT_PMU_OPTIONS+=${XH_OPT_PMU_OPTIONS:+,}$2 ;;
		--truth) XH_OPT_TRUTH=$2 ;;
		--xen-args) XH_OPT_XEN_ARGS+=" $2" ;;
		--linux-args) XH_OPT_LINUX_ARGS+=" $2" ;;
		--qemu-args) XH_OPT_QEMU_ARGS+=" $2" ;;
		*) xh_die "$XH_EX_USAGE" "unknown option '$1'" "xenhost --help" ;;
		esac
		shift 2
	done
	XH_OPT_SCRIPT=("$@")
}

xh_check_run()
{
	(( ${#XH_OPT_SCRIPT[@]} )) || xh_die "$XH_EX_USAGE" "no scenario script was given" "xenhost run [options] SCRIPT"
	[[ -r ${XH_OPT_SCRIPT[0]} && -f ${XH_OPT_SCRIPT[0]} ]] ||
		xh_die "$XH_EX_USAGE" "the scenario '${XH_OPT_SCRIPT[0]}' is not a readable file" "give a shell script's path"
	[[ $XH_OPT_XEN =~ ^(stock|patched|none)$ ]] || xh_die "$XH_EX_USAGE" "--xen is '$XH_OPT_XEN'" "stock, patched or none"
	[[ $XH_OPT_CPUS =~ ^[1-9][0-9]*$ ]] || xh_die "$XH_EX_USAGE" "--cpus is '$XH_OPT_CPUS'" "a number from 1"
	[[ $XH_OPT_MEMORY =~ ^[0-9]+$ && $XH_OPT_MEMORY -ge 1536 ]] ||
		xh_die "$XH_EX_USAGE" "--memory is '$XH_OPT_MEMORY'" "MB, from 1536 (dom0 takes 1024)"
	[[ $XH_OPT_TIMEOUT =~ ^[1-9][0-9]*$ ]] || xh_die "$XH_EX_USAGE" "--timeout is '$XH_OPT_TIMEOUT'" "whole seconds, from 1"
	[[ $XH_OPT_ICOUNT =~ ^([0-9]|10)?$ ]] || xh_die "$XH_EX_USAGE" "--icount is '$XH_OPT_ICOUNT'" "a shift from 0 to 10"
	[[ $XH_OPT_HPET_MSI == on || $XH_OPT_HPET_MSI == off ]] || xh_die "$XH_EX_USAGE" "--hpet-msi is '$XH_OPT_HPET_MSI'" "on or off"
	[[ $XH_OPT_TRUTH =~ ^(auto|count|port|always)?$ ]] || xh_die "$XH_EX_USAGE" "--truth is '$XH_OPT_TRUTH'" "auto, count, port or always"
	[[ ! $XH_OPT_TRUTH || $XH_OPT_PMU != none ]] || xh_die "$XH_EX_USAGE" "--truth needs --pmu amd or intel" "the model of the counters keeps it"
	case $XH_OPT_PMU-${XH_OPT_PMU_MODEL:-default} in
	none-default | amd-default | amd-k7 | amd-core | amd-v2 | intel-default | intel-v[1-5]) ;;
	none-* | amd-* | intel-*) xh_die "$XH_EX_USAGE" "--pmu $XH_OPT_PMU has no --pmu-model '$XH_OPT_PMU_MODEL'" "amd: k7, core, v2; intel: v1 to v5" ;;
	*) xh_die "$XH_EX_USAGE" "--pmu is '$XH_OPT_PMU'" "none, amd or intel" ;;
	esac
}

# xh_copy_overlay DIR TREE
xh_copy_overlay()
{
	[[ -d $1 ]] || xh_die "$XH_EX_USAGE" "--overlay '$1' is not a folder" "give a folder that holds what goes onto dom0's /"
	tar -C "$1" -cf - . | tar -C "$2" -xf - --no-same-owner
}

# xh_pack: the boot archive: the cached base, then what only this run brings.
xh_pack()
{
	local t=$XH_WORK/tree overlay

	mkdir -p "$t/etc/xenhost"
	[[ ! -d $XH_REPO/build/dom0-root ]] || xh_copy_overlay "$XH_REPO/build/dom0-root" "$t"
	for overlay in ${XH_OPT_OVERLAYS[@]+"${XH_OPT_OVERLAYS[@]}"}; do xh_copy_overlay "$overlay" "$t"; done
	cp "${XH_OPT_SCRIPT[0]}" "$t/etc/xenhost/script"
	{
		printf 'set -- %s\n' "$(printf '%q ' "${XH_OPT_SCRIPT[@]:1}")"
	} >"$t/etc/xenhost/arguments"
	head -c 64 /dev/urandom >"$t/etc/xenhost/seed"
	xh_cpio "$t" "$XH_WORK/run.cpio"
	cat "$XH_IMAGES/base.cpio" "$XH_WORK/run.cpio" >"$XH_WORK/initramfs.cpio"
	[[ $XH_OPT_XEN != none ]] || cat "$XH_PERF_DIR/perf.cpio" >>"$XH_WORK/initramfs.cpio"
	(( ! XH_OPT_KINDS )) || cat "$XH_KINDS_DIR/kinds.cpio" >>"$XH_WORK/initramfs.cpio"
	XH_KERNEL=$XH_HOST_DIR/vmlinux
}

xh_cleanup()
{
	trap '' INT TERM HUP
	xh_emulator_stop
	[[ -z $XH_WORK ]] || rm -rf "$XH_WORK"
}

# xh_collect: unpacks what the scenario left in /out (it may have been sent in several pieces: -i).
xh_collect()
{
	[[ -s $XH_WORK/result.tar ]] || return 0
	tar -C "$XH_OUT" --no-same-owner -ixf "$XH_WORK/result.tar" 2>"$XH_WORK/tar.log" ||
		xh_say "warning: what came back from /out is cut off: $(head -n 1 "$XH_WORK/tar.log")"
}

# xh_conclude: the run's end as an exit status, with the reason.
xh_conclude()
{
	local status

	case $XH_END in
	hang)
		xh_serial_tail
		xh_die "$XH_EX_HANG" "no end after $XH_OPT_TIMEOUT s" "see $XH_OUT/serial.log and output.log; a longer --timeout if it only was slow" ;;
	died)
		xh_serial_tail
		xh_die "$XH_EX_DIED" "the host died: $XH_DEATH" "the whole report is in $XH_OUT/serial.log" ;;
	rebooted)
		[[ -s $XH_OUT/serial.log ]] || xh_die "$XH_EX_EMULATOR" "the emulator did not start: $(tail -n 3 "$XH_OUT/qemu.log")" "see $XH_OUT/qemu.log, qemu.command"
		(( ! XH_OPT_EXPECT_REBOOT )) || { xh_say "the host rebooted, as expected${XH_DEATH:+ ($XH_DEATH)}"; return 0; }
		xh_serial_tail
		xh_die "$XH_EX_DIED" "the host went down before the scenario ended${XH_DEATH:+: $XH_DEATH}" "the whole report is in $XH_OUT/serial.log" ;;
	esac
	status=$(sed -n 's/^exit //p' "$XH_WORK/status")
	grep -q '^done' "$XH_WORK/status" || xh_say "warning: the host powered off before all of /out was sent"
	(( ! XH_OPT_EXPECT_REBOOT )) ||
		xh_die "$XH_EX_DIED" "the scenario ended with status $status, but a reboot was expected" "see $XH_OUT/output.log"
	xh_say "scenario ended with status $status; files in $XH_OUT"
	return "$status"
}

xh_cmd_run()
{
	xh_parse_run "$@"
	xh_check_run
	xh_release "$XH_OPT_RELEASE"
	xh_prepare
	[[ $XH_OPT_XEN != none ]] || xh_prepare_perf
	(( ! XH_OPT_KINDS )) || xh_prepare_kinds
	XH_OUT=${XH_OPT_OUT:-$XH_REPO/build/xenhost/$(basename "${XH_OPT_SCRIPT[0]}" .sh)}
	mkdir -p "$XH_OUT"
	XH_OUT=$(cd "$XH_OUT" && pwd)
	exec {XH_OUT_FD}>"$XH_OUT/.lock"
	flock -n "$XH_OUT_FD" || xh_die "$XH_EX_USAGE" "another run uses --out $XH_OUT" "give it another folder"
	trap xh_cleanup EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	XH_WORK=$(mktemp -d "${TMPDIR:-/tmp}/xenhost.XXXXXX")
	xh_pick_xen "$XH_OPT_XEN"
	xh_pack
	xh_unlock
	xh_qemu_command
	xh_say "booting (serial log: $XH_OUT/serial.log; a boot takes about 15 s)"
	xh_emulator_start
	xh_watch
	xh_emulator_stop
	xh_collect
	xh_conclude
}
