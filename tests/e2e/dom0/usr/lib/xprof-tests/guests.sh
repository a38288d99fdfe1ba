# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# For scenarios about names in guests: what a guest itself says of its kernel, and whether a profile says the same.

# told NAME: "NUMBER MD5" of the guest's own table of symbols, as its newest boot said.
told() { guest_console "$1" | awk '$1 == "kallsyms" {said = $2 " " $3} END {print said}'; }

# text_of NAME: where its kernel's _text is.
text_of() { guest_console "$1" | awk '$1 == "_text" {said = $2} END {print said}'; }

# of JSON DOMAIN EXPRESSION: samples in the kernel of a guest, by name or number.
of()
{
	jq "[.symbols[] | select((.domain == \"$2\" or \"\\(.domain_id)\" == \"$2\") and .mode == \"kernel\" and $3) | .samples.timer] | add // 0" "$1"
}

# the_same_table NAME [FILE]: each symbol that is read from outside (left in FILE) is the guest's own.
the_same_table()
{
	local seen file=${2:-/tmp/symbols}
	guest-symbols "$(xl domid "$1")" >"$file"
	times >/tmp/times
	seen="$(wc -l <"$file") $(md5sum <"$file" | cut -d' ' -f1)"
	echo "figure: $1: $seen; CPU time of reading them (emulated): $(tail -n 1 /tmp/times)"
	assert_eq "number and MD5 of the symbols" "$seen" "$(told "$1")"
}

# addresses_in_kernel PROFILE DOMID: of each sample in the guest's kernel, 16 hex digits.
addresses_in_kernel()
{
	xprof dump -i "$1" | awk -v d="domid=$2" '$1 == "sample" && $4 == d && $6 == "mode=kernel" {
		sub("ip=0x", "", $7); printf "%16s\n", $7}' | tr ' ' 0
}

# wrong_names PROFILE JSON DOMID TABLE: samples that the report gives to another function of the guest's kernel than the one whose
# symbol stands before the address in the guest's own table. (Of several names of one address any will do.)
wrong_names()
{
	local known=/tmp/wrong-names.known
	jq -r ".symbols[] | select(.domain_id == $3 and .mode == \"kernel\" and .image == \"vmlinux\" and .symbol != null) |
		\"\\(.samples.timer) \\(.symbol)\"" "$2" >"$known"
	{
		awk 'NF == 3 {print $1, 0, $3}' "$4"
		addresses_in_kernel "$1" "$3" | awk '{print $1, 1}'
	} | LC_ALL=C sort -s -k1,1 -k2,2 | awk -v known="$known" '
		BEGIN { while ((getline line <known) > 0) { split(line, f, " "); said[f[2]] += f[1] } }
		$2 == 0 { if ($1 != at) { at = $1; name = $3 } if ($3 in said) name = $3; next }
		{ true_[name]++ }
		END {
			for (n in said) {
				d = said[n] - true_[n]
				if (d > 0) { wrong += d; print n ": " said[n] " samples, not " true_[n] + 0 >"/dev/stderr" }
			}
			print wrong + 0
		}'
}

# kernel_is_named PROFILE JSON NAME DOMID TABLE AT_LEAST: its kernel has at least so many samples, 99% of them have names, none a wrong
# one. What runs below the kernel's half of addresses is none of it: firmware, GRUB, the kernel's own unpacking.
kernel_is_named()
{
	local all named low
	low=$(addresses_in_kernel "$1" "$4" | grep -c '^0' || true)
	all=$(($(of "$2" "$4" true) - low))
	named=$(of "$2" "$4" '.symbol != null')
	echo "figure: $3: $named of $all samples in its kernel have a name; $low before there was one"
	assert_ge "samples in the kernel of $3" "$all" "$6"
	assert_ge "of them with a name (per mille)" $((1000 * named / all)) 990
	assert_eq "of them with a wrong name" "$(wrong_names "$1" "$2" "$4" "$5")" 0
}

# no_domain_lingers: every domain that was destroyed is gone. (One whose memory somebody has mapped would stay, without a name.)
no_domain_lingers()
{
	! xl list | grep -F '(null)'
}
