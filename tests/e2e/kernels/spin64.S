/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A PVH guest's kernel that is no Linux, but looks like one from afar: 64-bit, system calls set up, at the address that
 * Linux has without KASLR; and spins [Intel SDM vol. 3A, 10.8.5; Linux, Documentation/arch/x86/x86_64/mm.rst].
 */
#define HIGH	0xffffffff80000000	/* the first 2 MiB, as Linux maps its kernel */

	.section .note.Xen, "a", @note
	.long	4, 4, 18		/* XEN_ELFNOTE_PHYS32_ENTRY [xen/include/public/elfnote.h] */
	.asciz	"Xen"
	.long	start

	.text
	.globl	start, spin
	.code32
start:
	mov	%cr4, %eax
	or	$0x20, %eax		/* PAE */
	mov	%eax, %cr4
	mov	$level4, %eax
	mov	%eax, %cr3
	mov	$0xc0000080, %ecx	/* EFER: LME, SCE */
	rdmsr
	or	$0x101, %eax
	wrmsr
	mov	%cr0, %eax
	or	$0x80000000, %eax	/* PG */
	mov	%eax, %cr0
	lgdt	table
	ljmp	$8, $long_mode

	.code64
long_mode:
	mov	$0xc0000082, %ecx	/* LSTAR */
	movabs	$spin + HIGH, %rax
	mov	%rax, %rdx
	shr	$32, %rdx
	wrmsr
	jmp	*%rax
spin:
	inc	%r8
	jmp	spin
	.type	spin, @function
	.size	spin, . - spin

	.data
	.balign	8
descriptors:
	.quad	0, 0x00209a0000000000	/* 64-bit code */
table:
	.word	table - descriptors - 1
	.long	descriptors

	.balign	4096
level4:
	.quad	level3 + 3
	.fill	510, 8, 0
	.quad	level3 + 3
level3:
	.quad	level2 + 3
	.fill	509, 8, 0
	.quad	level2 + 3, 0
level2:
	.quad	0x83
	.fill	511, 8, 0
