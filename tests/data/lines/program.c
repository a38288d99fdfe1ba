// SPDX-License-Identifier: GPL-2.0-or-later
/* gcc -O2 -g -nostdlib -static -fno-asynchronous-unwind-tables -Wl,--build-id -fdebug-prefix-map=$PWD=/src -o program program.c */
static volatile int sink;

static inline __attribute__((always_inline)) void innermost(int n)
{
	sink = n;
}

static inline __attribute__((always_inline)) void middle(int n)
{
	sink = 1;
	innermost(n);
}

void outer(int n);
void outer(int n)
{
	sink = 2;
	middle(n);
	sink = 3;
}

void _start(void);
void _start(void)
{
	for (;;)
		outer(sink);
}
