// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/base/decimal.h"

#include <math.h>
#include <stdio.h>

/* Below this a fraction rounds to nothing, as 10^18 is less than 2^60; and all of what is above fits in 128 bits. */
#define LEAST_FRACTION 0x1p-70
#define MANTISSA_BITS 53

static const uint64_t powers[XP_DECIMAL_MAX_PLACES + 1] = {
	1u, 10u, 100u, 1000u, 10000u, 100000u, 1000000u, 10000000u, 100000000u, 1000000000u, 10000000000u, 100000000000u,
	1000000000000u, 10000000000000u, 100000000000000u, 1000000000000000u, 10000000000000000u, 100000000000000000u,
	1000000000000000000u,
};

/* The last n digits. */
static void put_digits(char *out, uint64_t value, size_t n)
{
	for (; n; value /= 10)
		out[--n] = (char)('0' + value % 10);
}

size_t xp_decimal_u64(char *out, uint64_t value)
{
	size_t n = 1;

	while (n <= XP_DECIMAL_MAX_PLACES && value >= powers[n])
		n++;
	n += n > XP_DECIMAL_MAX_PLACES && value / 10 >= powers[XP_DECIMAL_MAX_PLACES];
	put_digits(out, value, n);
	return n;
}

/* A fraction of 1, times a power of ten, rounded: exact, as both factors are whole numbers but for a power of two. */
static uint64_t scaled(double fraction, uint64_t power)
{
	__extension__ unsigned __int128 product, rest, half;
	uint64_t value;
	int exponent, shift;

	if (fraction < LEAST_FRACTION)
		return 0;
	product = (uint64_t)ldexp(frexp(fraction, &exponent), MANTISSA_BITS);
	product *= power;
	shift = MANTISSA_BITS - exponent;
	value = (uint64_t)(product >> shift);
	half = (__extension__ (unsigned __int128)1) << (shift - 1);
	rest = product & (2 * half - 1);
	return value + (rest > half || (rest == half && value % 2));
}

size_t xp_decimal_fixed(char *out, double value, int places)
{
	size_t n = 0;
	uint64_t whole, part;

	if (!(fabs(value) < 0x1p63))
		return (size_t)snprintf(out, XP_DECIMAL_TEXT, "%.*f", places, value);
	if (signbit(value))
		out[n++] = '-';
	value = fabs(value);
	if (!places)
		return n + xp_decimal_u64(out + n, (uint64_t)nearbyint(value));
	whole = (uint64_t)value;
	part = scaled(value - (double)whole, powers[places]);
	whole += part == powers[places];
	n += xp_decimal_u64(out + n, whole);
	out[n++] = '.';
	put_digits(out + n, part == powers[places] ? 0 : part, (size_t)places);
	return n + (size_t)places;
}
