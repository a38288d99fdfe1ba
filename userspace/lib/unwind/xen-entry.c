// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The ways into Xen (arch/x86/x86_64/entry.S, compat/entry.S, hvm/svm/entry.S,
 * hvm/vmx/entry.S), by their names in xen-syms: 4.17 has those of the first
 * kind (divide_error), 4.20.0 of the second (entry_DE).
 *
 * All build a struct cpu_user_regs, r15 first. rip lies 128 bytes from its
 * beginning; the CPU pushes rip and what lies above it, then the error code,
 * or the stub a zero in its place. SAVE_ALL does the rest, and can be read.
 */
#include "lib/unwind/xen.h"

#define UREGS_RIP 128
#define UREGS_RBP 32

enum form {
	GUEST,   /* entered from a guest only: the outermost frame */
	FRAME,   /* the CPU's frame is on the stack, up to rip */
	ERROR,   /* and the error code */
	SAVED,   /* the whole structure is, rbp in it */
};

static const struct { const char *name; enum form form; } entries[] = {
	/* hypercalls and system calls of PV guests, and the ways back */
	{ "lstar_enter", GUEST }, { "cstar_enter", GUEST }, { "sysenter_entry", GUEST },
	{ "sysenter_eflags_saved", GUEST }, { "int80_direct_trap", GUEST }, { "entry_int80", GUEST },
	{ "int80_slow_path", GUEST }, { "entry_int82", GUEST }, { "switch_to_kernel", GUEST },
	{ "test_all_events", GUEST }, { "test_guest_events", GUEST }, { "process_softirqs", GUEST },
	{ "process_mce", GUEST }, { "process_nmi", GUEST }, { "process_trap", GUEST },
	{ "restore_all_guest", GUEST }, { "iret_exit_to_guest", GUEST }, { "continue_pv_domain", GUEST },
	{ "dom_crash_sync_extable", GUEST },
	{ "domain_crash_page_fault_6x8", GUEST }, { "domain_crash_page_fault_5x8", GUEST },
	{ "domain_crash_page_fault_4x8", GUEST }, { "domain_crash_page_fault_3x8", GUEST },
	{ "domain_crash_page_fault_2x8", GUEST }, { "domain_crash_page_fault_1x8", GUEST },
	{ "domain_crash_page_fault_0x8", GUEST },
	{ "compat_test_all_events", GUEST }, { "compat_test_guest_events", GUEST },
	{ "compat_process_softirqs", GUEST }, { "compat_process_mce", GUEST }, { "compat_process_nmi", GUEST },
	{ "compat_process_trap", GUEST }, { "compat_restore_all_guest", GUEST }, { "compat_syscall", GUEST },
	{ "compat_sysenter", GUEST }, { "compat_int80_direct_trap", GUEST },
	{ "compat_crash_page_fault_8", GUEST }, { "compat_crash_page_fault_4", GUEST },
	{ "compat_crash_page_fault", GUEST },
	/* HVM */
	{ "svm_asm_do_resume", GUEST }, { "svm_stgi_label", GUEST },
	{ "vmx_asm_vmexit_handler", GUEST }, { "vmx_asm_do_vmentry", GUEST },
	/* what interrupts guests and Xen alike, without an error code */
	{ "divide_error", FRAME }, { "entry_DE", FRAME }, { "coprocessor_error", FRAME }, { "entry_MF", FRAME },
	{ "simd_coprocessor_error", FRAME }, { "entry_XM", FRAME }, { "device_not_available", FRAME },
	{ "entry_NM", FRAME }, { "debug", FRAME }, { "entry_DB", FRAME }, { "int3", FRAME }, { "entry_BP", FRAME },
	{ "overflow", FRAME }, { "entry_OF", FRAME }, { "bounds", FRAME }, { "entry_BR", FRAME },
	{ "invalid_op", FRAME }, { "entry_UD", FRAME }, { "nmi", FRAME }, { "entry_NMI", FRAME },
	{ "machine_check", FRAME }, { "entry_MC", FRAME }, { "trap_nop", FRAME },
	/* with one */
	{ "page_fault", ERROR }, { "entry_PF", ERROR }, { "early_page_fault", ERROR }, { "invalid_TSS", ERROR },
	{ "entry_TS", ERROR }, { "segment_not_present", ERROR }, { "entry_NP", ERROR }, { "stack_segment", ERROR },
	{ "entry_SS", ERROR }, { "general_protection", ERROR }, { "entry_GP", ERROR }, { "alignment_check", ERROR },
	{ "entry_AC", ERROR }, { "entry_CP", ERROR }, { "double_fault", ERROR }, { "entry_DF", ERROR },
	{ "handle_exception", ERROR }, { "handle_ist_exception", ERROR }, { "common_interrupt", ERROR },
	/* behind SAVE_ALL */
	{ "handle_exception_saved", SAVED }, { "exception_with_ints_disabled", SAVED },
	{ "FATAL_exception_with_ints_disabled", SAVED },
	{ "ret_from_intr", SAVED }, { "restore_all_xen", SAVED },
};

static struct xp_frame_state state_of(enum form form)
{
	struct xp_frame_state s = { XP_FRAME_REGS, 0, XP_LOST, 0 };

	switch (form) {
	case GUEST:
		return XP_STATE_OUTERMOST;
	case FRAME:
		break;
	case ERROR:
		s.rsp = 8;
		break;
	case SAVED:
		s.rsp = UREGS_RIP;
		s.saved = UREGS_RBP - UREGS_RIP;
		break;
	}
	return s;
}

bool xp_xen_entry(const char *name, struct xp_frame_state *state)
{
	size_t i;

	for (i = 0; i < sizeof(entries) / sizeof(entries[0]); i++)
		if (!strcmp(entries[i].name, name)) {
			*state = state_of(entries[i].form);
			return true;
		}
	return false;
}
