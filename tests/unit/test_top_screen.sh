#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The screen of 'xprof top' on a real terminal, which is tmux's: sizes, keys, what is set off, how it leaves. What is
# shown is made up (mktop); that it is true is tested in a Xen host (tests/e2e/75-stat.sh).
. tests/unit/cli.sh
export LC_ALL=C.UTF-8 TERM=screen
mktop=${xprof%/*}/mktop
socket=xprof-test-$$
tmux() { command tmux -L "$socket" -f /dev/null "$@"; }
trap 'tmux kill-server 2>/dev/null; rm -rf "$dir"' EXIT
status=0

# shown: the terminal's text in $dir/out, with its attributes in $dir/err
shown() {
	tmux capture-pane -p -t top >"$dir/out"
	tmux capture-pane -pe -t top >"$dir/err"
}

# until_shown PATTERN: waits up to ten seconds
until_shown() {
	for _ in $(seq 100); do
		shown
		grep -q "$1" "$dir/out" && return 0
		sleep 0.1
	done
	return 1
}

# press KEY... PATTERN: until it is shown
press() {
	for key; do
		[ $# = 1 ] && break
		tmux send-keys -t top "$key"
		shift
	done
	until_shown "$1"
}

tmux new-session -d -s top -x 80 -y 24 "$mktop; echo status \$?; exec sleep 100"
check screen__80_columns 'until_shown "gnttab_map_grant_ref" && grep -q "^web1 .* 33.0 " "$dir/out" && [ "$(wc -L <"$dir/out")" -le 80 ] && [ "$(wc -l <"$dir/out")" = 24 ]'
check screen__names_are_escaped 'grep -qF "bad\\x1b[31m" "$dir/out" && grep -qF "\\x1b[2Jcleared" "$dir/out"'
check screen__other_alphabets 'grep -q "db-übersicht" "$dir/out"'
check screen__no_colour '! grep -q "$(printf "\033")\[[0-9;]*\(3[0-7]\|4[0-7]\|38\|48\)[;m]" "$dir/err"'
check screen__heads_are_set_off 'grep -q "$(printf "\033")\[[0-9;]*7mNAME" "$dir/err"'
check keys__down_chooses 'press Down "^ *[0-9.]*% xen  *csched2_schedule" && ! grep -q tcp_ack "$dir/out"'
check keys__enter_zooms 'press Enter "^ *[0-9.]*% kernel  *xenvif" && ! grep -q "^web1" "$dir/out"'
check keys__down_goes_on_zoomed 'press Down "tcp_ack" && grep -q "^web1" "$dir/out"'
check keys__escape_goes_back 'press Escape Escape "csched2_schedule" && grep -q "^Domain-0" "$dir/out"'
check keys__filter 'press / n g i n x "only what has: nginx_" && press Enter "(only nginx)" && grep -q ngx_http "$dir/out" && ! grep -q tcp_ack "$dir/out"'
check keys__escape_ends_the_filter 'press Escape "tcp_ack"'
check keys__x_is_xen 'press x "(only Xen)" && ! grep -q tcp_ack "$dir/out" && press x "tcp_ack"'
check keys__freeze 'press f "frozen" && press f "% idle"'
check keys__help 'press h "Esc  *one step back" && press h "tcp_ack"'
tmux resize-window -t top -x 40 -y 12
check screen__40_columns_of_12_lines 'until_shown "^ *[0-9.]*% x gnttab_map_grant_ref" && [ "$(wc -L <"$dir/out")" -le 40 ] && grep -q "^web1 .* 33.0 .* 1.44" "$dir/out"'
tmux resize-window -t top -x 40 -y 4
check screen__4_lines 'press x "^cycles" && [ "$(wc -l <"$dir/out")" = 4 ]'
tmux resize-window -t top -x 200 -y 30
check screen__200_columns 'until_shown "MAXMEM(%).* LLC/KI"'
check keys__q_leaves_the_terminal_as_it_was 'press q "^status 0"'
tmux kill-server

run env TERM=dumb "$mktop"
check dumb__is_refused '[ $status = 1 ] && grep -q "no terminal" "$dir/err"'
exit $failed
