// SPDX-License-Identifier: MIT
/* Kernel images made here byte by byte: what is one, which release, and the vmlinux inside. */
#include "harness/archive.h"
#include "harness/image.h"

#include <archive.h>
#include <archive_entry.h>
#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define PAYLOAD_AT 0x400 /* behind one setup sector and its header */

static unsigned char elf[4096], bz[KiB(64)];
static size_t bz_len;

/* An ELF with a Linux banner and, if `pvh`, the note QEMU looks for. */
static void make_elf(bool pvh)
{
	Elf64_Ehdr e = { .e_machine = EM_X86_64, .e_phoff = sizeof(e), .e_phnum = 1 };
	Elf64_Phdr p = { .p_type = PT_NOTE, .p_offset = 512, .p_filesz = 64 };
	Elf64_Nhdr other = { 4, 8, 1 }, note = { 4, 8, 18 };

	memset(elf, 0, sizeof(elf));
	memcpy(e.e_ident, ELFMAG, SELFMAG);
	e.e_ident[EI_CLASS] = ELFCLASS64;
	memcpy(elf, &e, sizeof(e));
	memcpy(elf + sizeof(e), &p, sizeof(p));
	memcpy(elf + 512, &other, sizeof(other));
	memcpy(elf + 524, "GNU", 4);
	if (pvh) {
		memcpy(elf + 536, &note, sizeof(note));
		memcpy(elf + 548, "Xen", 4);
	}
	memcpy(elf + 1000, "Linux version %s (%s)", 22);
	memcpy(elf + 2000, "Linux version 6.1.0-56-cloud-amd64 (builder) #1 SMP", 52);
}

static size_t compress(int (*filter)(struct archive *), const void *from, size_t len, void *to,
		       size_t room)
{
	struct archive *a = archive_write_new();
	struct archive_entry *e = archive_entry_new();
	size_t used = 0;

	assert_int_equal(filter(a), ARCHIVE_OK);
	assert_int_equal(archive_write_set_format_raw(a), ARCHIVE_OK);
	assert_int_equal(archive_write_set_bytes_in_last_block(a, 1), ARCHIVE_OK);
	assert_int_equal(archive_write_open_memory(a, to, room, &used), ARCHIVE_OK);
	archive_entry_set_filetype(e, AE_IFREG);
	assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
	assert_int_equal(archive_write_data(a, from, len), len);
	assert_int_equal(archive_write_close(a), ARCHIVE_OK);
	archive_entry_free(e);
	archive_write_free(a);
	return used;
}

static void put_le(size_t at, uint32_t v, int bytes)
{
	for (int i = 0; i < bytes; i++)
		bz[at + i] = v >> (8 * i);
}

/* A bzImage around elf[]. gzip's own trailer is the size word; the others get one. */
static void make_bzimage(int (*filter)(struct archive *))
{
	size_t n;

	memset(bz, 0, sizeof(bz));
	bz[0x1f1] = 1;
	put_le(0x1fe, 0xaa55, 2);
	memcpy(bz + 0x202, "HdrS", 4);
	put_le(0x206, 0x20f, 2);
	put_le(0x20e, 0x100, 2); /* version string at 0x300 */
	memcpy(bz + 0x300, "6.1.0-56-cloud-amd64 (builder) #1 SMP", 38);
	n = compress(filter, elf, sizeof(elf), bz + PAYLOAD_AT, sizeof(bz) - PAYLOAD_AT - 8);
	if (filter != archive_write_add_filter_gzip) {
		put_le(PAYLOAD_AT + n, sizeof(elf), 4);
		n += 4;
	}
	put_le(0x248, PAYLOAD_AT - 1024, 4);
	put_le(0x24c, n, 4);
	bz_len = PAYLOAD_AT + n + 4;
}

static void elf_image(void **state)
{
	struct image im;

	(void)state;
	make_elf(true);
	image_parse(elf, sizeof(elf), &im);
	assert_int_equal(im.kind, IMAGE_ELF);
	assert_true(im.pvh);
	assert_string_equal(im.release, "6.1.0-56-cloud-amd64");
	make_elf(false);
	image_parse(elf, sizeof(elf), &im);
	assert_int_equal(im.kind, IMAGE_ELF);
	assert_false(im.pvh);
	elf[2000] = 'x'; /* no banner: some other program */
	image_parse(elf, sizeof(elf), &im);
	assert_int_equal(im.kind, IMAGE_NONE);
}

static void bzimage_of_each_compression(void **state)
{
	static int (*const filters[])(struct archive *) = {
		archive_write_add_filter_gzip,	archive_write_add_filter_xz,
		archive_write_add_filter_zstd,	archive_write_add_filter_lz4,
		archive_write_add_filter_bzip2, archive_write_add_filter_lzma,
	};

	(void)state;
	make_elf(true);
	for (size_t i = 0; i < ARRAY_SIZE(filters); i++) {
		char *out __free = NULL;
		struct image im;
		struct fail f;
		size_t len;

		make_bzimage(filters[i]);
		image_parse(bz, bz_len, &im);
		assert_int_equal(im.kind, IMAGE_BZIMAGE);
		assert_string_equal(im.release, "6.1.0-56-cloud-amd64");
		assert_int_equal(vmlinux_decompress(bz, bz_len, &out, &len, &f), 0);
		assert_int_equal(len, sizeof(elf));
		assert_memory_equal(out, elf, sizeof(elf));
	}
}

static void assert_refused(int err, const char *why)
{
	struct fail f;
	char *out;
	size_t len;

	assert_int_equal(vmlinux_decompress(bz, bz_len, &out, &len, &f), err);
	assert_non_null(strstr(f.where, why));
}

static void payload_that_lies(void **state)
{
	(void)state;
	make_elf(true);
	make_bzimage(archive_write_add_filter_xz);
	bz[bz_len - 8]++; /* the size word */
	assert_refused(-EBADMSG, "size word");
	make_bzimage(archive_write_add_filter_xz);
	bz[PAYLOAD_AT + 100] ^= 0x55;
	assert_refused(-EBADMSG, "");
	make_bzimage(archive_write_add_filter_xz);
	put_le(0x24c, 0x7fffffff, 4); /* longer than the file */
	assert_refused(-EBADMSG, "no payload");
	make_elf(false);
	make_bzimage(archive_write_add_filter_zstd);
	assert_refused(-ENOEXEC, "PVH");
	memset(elf, 'x', sizeof(elf));
	make_bzimage(archive_write_add_filter_gzip);
	assert_refused(-ENOEXEC, "PVH");
}

/* Every prefix and every damaged byte: an answer, and no byte read outside (run under ASan). */
static void hostile_images(void **state)
{
	struct image im;

	(void)state;
	make_elf(true);
	make_bzimage(archive_write_add_filter_gzip);
	for (size_t n = 0; n <= bz_len; n++) {
		void *copy = malloc(n ?: 1);

		memcpy(copy, bz, n);
		image_parse(copy, n, &im);
		free(copy);
	}
	for (size_t i = 0; i < 600; i++) {
		unsigned char was = elf[i];

		for (int v = 0; v < 256; v += 51) {
			elf[i] = v;
			image_parse(elf, sizeof(elf), &im);
		}
		elf[i] = was;
	}
	for (size_t n = 0; n < sizeof(elf); n += 7) {
		void *copy = malloc(n ?: 1);

		memcpy(copy, elf, n);
		image_parse(copy, n, &im);
		free(copy);
	}
}

static void no_kernels(void **state)
{
	struct image im;
	struct fail f;

	(void)state;
	assert_int_equal(image_probe("/nonexistent", &im, &f), -ENOENT);
	assert_int_equal(image_probe("/tmp", &im, &f), -EINVAL);
	assert_int_equal(image_probe("/dev/null", &im, &f), -EINVAL);
	assert_int_equal(image_probe("/bin/sh", &im, &f), -EINVAL);
	assert_non_null(strstr(f.where, "give a vmlinuz"));
}

static void decompress_limits(void **state)
{
	static char zeros[MiB(1)], packed[KiB(64)];
	size_t n = compress(archive_write_add_filter_gzip, zeros, sizeof(zeros), packed,
			    sizeof(packed));
	struct fail f;
	char *out;
	size_t len;

	(void)state;
	assert_int_equal(archive_decompress(packed, n, sizeof(zeros) - 1, &out, &len, &f), -EFBIG);
	assert_int_equal(archive_decompress(packed, n / 2, MiB(2), &out, &len, &f), -EBADMSG);
	assert_int_equal(archive_decompress(packed, 0, MiB(2), &out, &len, &f), -EBADMSG);
	assert_int_equal(archive_decompress(packed, n, MiB(2), &out, &len, &f), 0);
	assert_int_equal(len, sizeof(zeros));
	free(out);
	/* What is not compressed comes out as it is: a plain module. */
	assert_int_equal(archive_decompress("\177ELF plain", 10, MiB(2), &out, &len, &f), 0);
	assert_int_equal(len, 10);
	free(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(elf_image),	     cmocka_unit_test(bzimage_of_each_compression),
		cmocka_unit_test(payload_that_lies), cmocka_unit_test(hostile_images),
		cmocka_unit_test(no_kernels),	     cmocka_unit_test(decompress_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
