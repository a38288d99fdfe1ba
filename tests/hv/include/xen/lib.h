/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in for Xen's header of this name. */
#pragma once
#include <assert.h>
#include <errno.h>
#include <string.h>
#include <xen/types.h>

#define cf_check
#define noinline __attribute__((__noinline__))
#define __read_mostly

/* Xen's own number: "call again". */
#ifndef ERESTART
#define ERESTART 85
#endif

#define _p(address) ((void *)(uintptr_t)(address))
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define DIV_ROUND_UP(n, d) (((n) + (d)-1) / (d))

/* As in Xen both sides must be of one type. */
#define min(x, y)                                   \
	({                                          \
		const __typeof__(x) min_x = (x);    \
		const __typeof__(y) min_y = (y);    \
		(void)(&min_x == &min_y);           \
		min_x < min_y ? min_x : min_y;      \
	})
#define max(x, y)                                   \
	({                                          \
		const __typeof__(x) max_x = (x);    \
		const __typeof__(y) max_y = (y);    \
		(void)(&max_x == &max_y);           \
		max_x > max_y ? max_x : max_y;      \
	})

/* 1 + the number of the highest bit that is set; 0: none is. */
static inline int fls64(uint64_t x)
{
	return x ? 64 - __builtin_clzll(x) : 0;
}

static inline bool test_bit(int nr, const volatile void *addr)
{
	return *(const volatile uint32_t *)addr & (1u << nr);
}
static inline bool test_and_set_bit(int nr, volatile void *addr)
{
	return __atomic_fetch_or((volatile uint32_t *)addr, 1u << nr, __ATOMIC_SEQ_CST) & (1u << nr);
}
static inline void set_bit(int nr, volatile void *addr)
{
	__atomic_fetch_or((volatile uint32_t *)addr, 1u << nr, __ATOMIC_SEQ_CST);
}
static inline void clear_bit(int nr, volatile void *addr)
{
	__atomic_fetch_and((volatile uint32_t *)addr, ~(1u << nr), __ATOMIC_SEQ_CST);
}

