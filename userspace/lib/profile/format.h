/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The numbers of the profile format, for the files of this folder. What they
 * mean is in userspace/doc/xprof-format.5; a change here is a change there, a
 * version and a golden file (tests/data/profile/).
 */
#ifndef XP_PROFILE_FORMAT_H
#define XP_PROFILE_FORMAT_H

#include <stddef.h>
#include <stdint.h>

/* File header: magic, u16 major, u16 minor, u32 CRC-32 of what is before. */
#define XP_FILE_MAGIC "\x89XPROF\r\n"
#define XP_FILE_MAGIC_BYTES 8u
#define XP_FILE_HEADER_BYTES 16u
#define XP_FORMAT_MAJOR 1u /* another one cannot be read */
#define XP_FORMAT_MINOR 2u /* may be larger: what it adds can be skipped */
#define XP_FORMAT_MINOR_PLAIN 1u /* of a profile without call chains */

/* Chunk header: u32 type, u32 stored, u32 raw, u32 CRC of the payload, u32 CRC of these 16 bytes. */
#define XP_CHUNK_HEADER_BYTES 20u
#define XP_CHUNK_MAX_BYTES (4u << 20) /* of a payload, stored and raw */
#define XP_CHUNK_AIM_BYTES (256u << 10) /* the writer begins a new chunk at this many raw bytes */

#define XP_FOURCC(a, b, c, d) \
	((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | (uint32_t)(d) << 24)
enum xp_chunk_type {
	XP_CHUNK_HOST    = XP_FOURCC('H', 'O', 'S', 'T'),
	XP_CHUNK_EVENT   = XP_FOURCC('E', 'V', 'N', 'T'),
	XP_CHUNK_CLOCK   = XP_FOURCC('C', 'L', 'C', 'K'),
	XP_CHUNK_DOMAIN  = XP_FOURCC('D', 'O', 'M', 'N'),
	XP_CHUNK_TASK    = XP_FOURCC('T', 'A', 'S', 'K'),
	XP_CHUNK_IMAGE   = XP_FOURCC('I', 'M', 'A', 'G'),
	XP_CHUNK_SYMBOL  = XP_FOURCC('S', 'Y', 'M', 'B'),
	XP_CHUNK_MAP     = XP_FOURCC('M', 'A', 'P', 'S'),
	XP_CHUNK_LOST    = XP_FOURCC('L', 'O', 'S', 'T'),
	XP_CHUNK_GAP     = XP_FOURCC('G', 'A', 'P', 'S'),
	XP_CHUNK_PERIOD  = XP_FOURCC('P', 'E', 'R', 'I'),
	XP_CHUNK_STATS   = XP_FOURCC('S', 'T', 'A', 'T'),
	XP_CHUNK_SERIES  = XP_FOURCC('S', 'E', 'R', 'I'),
	XP_CHUNK_NODES   = XP_FOURCC('C', 'H', 'N', 'S'),
	XP_CHUNK_SAMPLES = XP_FOURCC('S', 'M', 'P', 'L'),
	XP_CHUNK_END     = XP_FOURCC('E', 'N', 'D', ' '),
};

#define XP_STRING_MAX 65535u   /* bytes; the writer cuts what is longer */
#define XP_BLOCK_SAMPLES 16384u /* = XP_BLOCK_MAX: samples in a chunk, at most */
#define XP_CPU_MAX 65535u
#define XP_CHUNK_NODES_MAX 32768u /* that the writer puts in one chunk: less than 700 KiB */

#endif
