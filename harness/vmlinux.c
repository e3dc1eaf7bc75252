// SPDX-License-Identifier: MIT
/*
 * The vmlinux inside a bzImage: the payload is a gzip, xz, lzma, zstd, lz4 or bzip2 stream and, but
 * for gzip, a 32-bit word with the unpacked size behind it (arch/x86/boot/compressed/Makefile
 * size_append), which must fit what came out.
 */
#include "harness/archive.h"
#include "harness/image.h"

#define VMLINUX_LIMIT GiB(1)

int vmlinux_decompress(const void *data, size_t len, char **ret, size_t *ret_len, struct fail *f)
{
	const uint8_t *payload;
	struct image im;
	size_t words;
	uint32_t says;
	char *out;
	int err;

	image_parse(data, len, &im);
	if (im.kind != IMAGE_BZIMAGE || im.payload_len < 16)
		return fail_set(f, -EBADMSG, "no payload in the bzImage header");
	payload = (const uint8_t *)data + im.payload;
	memcpy(&says, payload + im.payload_len - 4, 4);
	words = payload[0] == 0x1f && payload[1] == 0x8b ? 0
							 : 4; /* gzip's own trailer is the size */
	err = archive_decompress(payload, im.payload_len - words, VMLINUX_LIMIT, &out, ret_len, f);
	if (err)
		return err;
	if (*ret_len != says) {
		free(out);
		return fail_set(f, -EBADMSG, "payload unpacks to %zu bytes, its size word says %u",
				*ret_len, says);
	}
	image_parse(out, *ret_len, &im);
	if (im.kind != IMAGE_ELF || !im.pvh) {
		free(out);
		return fail_set(f, -ENOEXEC, "the vmlinux in it has no PVH entry");
	}
	*ret = out;
	return 0;
}
