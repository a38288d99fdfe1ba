/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in for Xen's header of this name: a timer fires when the test lets it. */
#pragma once
#include <xen/time.h>

struct timer {
	void (*function)(void *);
	void *data;
	s_time_t expires; /* 0: not set */
	unsigned int cpu;
};

void init_timer(struct timer *timer, void (*function)(void *), void *data, unsigned int cpu);
void set_timer(struct timer *timer, s_time_t expires);
void kill_timer(struct timer *timer);
