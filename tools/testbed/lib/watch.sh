# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034 # results are read in run.sh
# Starts the emulator, watches it, ends it. It never outlives this script (its parent's death kills it).

XH_QEMU_PID='' XH_TEE_PID=''

xh_emulator_start()
{
	mkfifo "$XH_WORK/output.fifo" "$XH_WORK/tick"
	: >"$XH_WORK/status"
	: >"$XH_OUT/serial.log"
	exec {XH_TICK}<>"$XH_WORK/tick"
	tee "$XH_OUT/output.log" <"$XH_WORK/output.fifo" &
	XH_TEE_PID=$!
	printf '%q ' "${XH_QEMU[@]}" >"$XH_OUT/qemu.command"
	setpriv --pdeathsig KILL "${XH_QEMU[@]}" </dev/null >"$XH_OUT/qemu.log" 2>&1 &
	XH_QEMU_PID=$!
}

xh_emulator_stop()
{
	[[ -z $XH_QEMU_PID ]] || { kill -KILL "$XH_QEMU_PID" 2>/dev/null || :; wait "$XH_QEMU_PID" 2>/dev/null || :; }
	XH_QEMU_PID=''
	xh_drain
}

# The output's copier ends by itself when the emulator does, unless that never opened the pipe.
xh_drain()
{
	local i
	[[ $XH_TEE_PID ]] || return 0
	for (( i = 0; i < 20; i++ )); do
		kill -0 "$XH_TEE_PID" 2>/dev/null || break
		xh_tick 0.1
	done
	kill "$XH_TEE_PID" 2>/dev/null || :
	wait "$XH_TEE_PID" 2>/dev/null || :
	XH_TEE_PID=''
}

# xh_tick SECONDS: sleeps without starting a process.
xh_tick()
{
	read -rt "$1" -u "$XH_TICK" _ || :
}

xh_emulator_runs()
{
	kill -0 "$XH_QEMU_PID" 2>/dev/null
}

# xh_find_death: the line of the serial log that says that Xen or dom0 died, if there is one.
xh_find_death()
{
	grep -a -m1 -E 'Panic on CPU|Kernel panic - not syncing|Hardware Dom0 crashed|Domain 0 crashed|DOUBLE FAULT' "$XH_OUT/serial.log"
}

# xh_watch: waits for the end. Sets XH_END to finished, rebooted, died, hang; XH_DEATH to a line that says more.
xh_watch()
{
	local start=$SECONDS looked=0 death_at=-1

	XH_END='' XH_DEATH=''
	while xh_emulator_runs; do
		xh_tick 0.1
		if (( SECONDS - start >= XH_OPT_TIMEOUT )); then
			XH_END=hang
			return
		fi
		(( SECONDS != looked )) || continue
		looked=$SECONDS
		if (( death_at < 0 )); then
			! XH_DEATH=$(xh_find_death) || death_at=$SECONDS
		# A moment for the rest of the report; then a host told not to reboot is over.
		elif (( ! XH_OPT_EXPECT_REBOOT && SECONDS - death_at >= 3 )); then
			XH_END=died
			return
		fi
	done
	XH_DEATH=$(xh_find_death) || :
	if grep -q '^exit ' "$XH_WORK/status"; then XH_END=finished; else XH_END=rebooted; fi
}

xh_serial_tail()
{
	printf 'xenhost: the last lines of %s:\n' "$XH_OUT/serial.log" >&2
	tail -n 25 "$XH_OUT/serial.log" | tr -d '\r' | sed 's/^/    /' >&2
}
