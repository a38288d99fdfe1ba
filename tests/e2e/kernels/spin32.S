/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A PVH guest's kernel that is no Linux: 32-bit protected mode with paging [Intel SDM vol. 3A, 4.3], and spins.
 */
	.section .note.Xen, "a", @note
	.long	4, 4, 18		/* XEN_ELFNOTE_PHYS32_ENTRY [xen/include/public/elfnote.h] */
	.asciz	"Xen"
	.long	start

	.text
	.globl	start, spin
	.code32
start:
	mov	%cr4, %eax
	or	$0x10, %eax		/* PSE: one entry maps 4 MiB */
	mov	%eax, %cr4
	mov	$directory, %eax
	mov	%eax, %cr3
	mov	%cr0, %eax
	or	$0x80000000, %eax	/* PG */
	mov	%eax, %cr0
spin:
	add	$1, %ecx
	adc	$0, %edx
	jmp	spin
	.type	spin, @function
	.size	spin, . - spin

	.data
	.balign	4096
directory:				/* the first 4 MiB, where they are */
	.long	0x83
	.fill	1023, 4, 0
