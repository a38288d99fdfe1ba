/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * seed FILE: gives dom0's kernel the random bytes that the host put into FILE, and says that they are random. An emulated
 * machine gathers entropy slowly: whoever wants a UUID (each "xl create") would wait for seconds.
 */
#include <fcntl.h>
#include <linux/random.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct {
		int bits, bytes;
		unsigned char data[64];
	} pool;
	int file = argc == 2 ? open(argv[1], O_RDONLY) : -1, random = open("/dev/urandom", O_WRONLY);

	pool.bytes = file < 0 ? -1 : (int)read(file, pool.data, sizeof(pool.data));
	pool.bits = pool.bytes * 8;
	if (pool.bytes > 0 && ioctl(random, RNDADDENTROPY, &pool) == 0)
		return 0;
	perror("seed");
	return 1;
}
