# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The emulator's truth (README.md): what it must know of the hypervisor that it runs.

# xh_truth_switch SYMS: the address of the call in context_switch() that has the vCPU to be run in RDI.
xh_truth_switch()
{
	objdump -d --no-show-raw-insn --disassemble=context_switch "$1" |
		sed -n 's/^ *\([0-9a-f]*\):[[:space:]]*call.*<update_vcpu_system_time>$/0x\1/p' | head -n 1
}

# xh_make_truth_offsets OBJECT: compiles truth/offsets.c as a part of this release's Xen.
xh_make_truth_offsets()
{
	local tree=$XH_XEN_DIR/src config=$XH_XEN_ROOT/boot/xen-$XH_XEN_BRANCH-amd64.config work=$1.work
	die() { echo "$*" >&2; exit 1; }
	# shellcheck source=/dev/null
	. "$XH_REPO/hypervisor-patch/livepatch/tree.sh"
	copy_tree
	add_headers_target
	mkdir -p "$work/xen/xenhost"
	cp "$XH_TESTBED/truth/offsets.c" "$work/xen/xenhost/"
	printf 'obj-y += offsets.o\n' >"$work/xen/xenhost/Makefile"
	xen_compile xenhost/offsets.o
	cp "$work/xen/xenhost/offsets.o" "$1"
	rm -rf "$work"
}

# xh_truth_offsets: "vcpu.domain vcpu.vcpu_id domain.domain_id" of this release's Xen, made once.
xh_truth_offsets()
{
	local object=$XH_CACHE/truth/$XH_RELEASE-$(cat "$XH_XEN_DIR/stamp" "$XH_TESTBED/truth/offsets.c" | sha256sum | cut -c1-16).o

	mkdir -p "${object%/*}"
	[[ -s $object ]] || xh_step "$XH_LOG" "compiling what the truth needs to know of Xen $XH_XEN_BRANCH (20 s, once)" xh_make_truth_offsets "$object"
	objcopy -O binary --only-section=.xenhost "$object" "$object.bin"
	od -An -tu4 -N12 "$object.bin"
}

# xh_truth_properties: the CPU's properties for --truth GATE.
xh_truth_properties()
{
	local syms=$XH_XEN_ROOT/usr/lib/debug/boot/xen-syms-$XH_XEN_BRANCH-amd64 at domain vcpu id

	printf ',pmu-truth=%s,pmu-truth-gate=%s' "${XH_OUT//,/,,}/truth" "$XH_OPT_TRUTH"
	[[ $XH_OPT_XEN != none ]] || return 0
	[[ $XH_OPT_XEN != patched ]] || syms=$XH_REPO/build/xen-patched/xen-syms
	at=$(xh_truth_switch "$syms")
	[[ $at ]] || xh_die "$XH_EX_PREPARE" "$syms: no call of update_vcpu_system_time in context_switch" "--truth does not know this hypervisor"
	read -r domain vcpu id < <(xh_truth_offsets)
	[[ $id ]] || xh_die "$XH_EX_PREPARE" "Xen's offsets are not known" "see $XH_LOG"
	printf ',pmu-truth-switch=%s,pmu-truth-vcpu-domain=%s,pmu-truth-vcpu-id=%s,pmu-truth-domain-id=%s' "$at" "$domain" "$vcpu" "$id"
}
