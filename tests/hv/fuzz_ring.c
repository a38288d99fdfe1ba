// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A consumer that writes what the input says: each 9 bytes are an index and how
 * many samples follow. The guard pages and ASan judge; the account must hold.
 */
#include <stdlib.h>
#include <string.h>

#include "harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct hv_ring ring;
	uint64_t serial = 0;

	hv_ring_init(&ring, 4096);
	for (; len >= 9; data += 9, len -= 9) {
		memcpy(ring.cons, data, 8);
		for (unsigned int i = 0; i < data[8]; i++)
			hv_sample(&ring, data[8] & 3, ++serial);
	}
	if (ring.r.produced[0] != serial || ring.r.lost_total[0] > serial)
		abort();
	hv_ring_release(&ring);
	return 0;
}
