// SPDX-License-Identifier: MIT
/* See image.h. Every offset comes from the file and is checked against its length before use. */
#include "harness/image.h"

#include <ctype.h>
#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* Offsets in a bzImage, Documentation/arch/x86/boot.rst "The Real-Mode Kernel Header". */
enum {
	BZ_SETUP_SECTS = 0x1f1,
	BZ_BOOT_FLAG = 0x1fe,
	BZ_MAGIC = 0x202,
	BZ_PROTOCOL = 0x206,
	BZ_VERSION_PTR = 0x20e,
	BZ_PAYLOAD_OFFSET = 0x248,
	BZ_PAYLOAD_LEN = 0x24c,
	BZ_HEADER_END = 0x250,
};

#define XEN_ELFNOTE_PHYS32_ENTRY 18 /* the PVH entry point, xen/interface/elfnote.h */

static uint32_t get_le(const uint8_t *p, int bytes)
{
	uint32_t v = 0;

	while (bytes--)
		v = v << 8 | p[bytes];
	return v;
}

/* "6.1.0-56-cloud-amd64 (debian-kernel@...) #1 SMP ...": the first word, if it looks like a
 * release. */
static void copy_release(const uint8_t *p, size_t len, struct image *ret)
{
	size_t n = 0;

	while (n < len && n < sizeof(ret->release) - 1 &&
	       (isalnum(p[n]) || strchr("._+~-", p[n])) && p[n])
		n++;
	if (!n || !isdigit(p[0]))
		return;
	memcpy(ret->release, p, n);
	ret->release[n] = '\0';
}

static void parse_bzimage(const uint8_t *d, size_t len, struct image *ret)
{
	size_t setup = (d[BZ_SETUP_SECTS] ?: 4) + 1,
	       version = get_le(d + BZ_VERSION_PTR, 2) + 0x200;

	ret->kind = IMAGE_BZIMAGE;
	if (version > 0x200 && version < len)
		copy_release(d + version, len - version, ret);
	if (get_le(d + BZ_PROTOCOL, 2) < 0x208) /* 2.6.26 */
		return;
	ret->payload = setup * 512 + get_le(d + BZ_PAYLOAD_OFFSET, 4);
	ret->payload_len = get_le(d + BZ_PAYLOAD_LEN, 4);
	if (ret->payload > len || ret->payload_len > len - ret->payload)
		ret->payload = ret->payload_len = 0;
}

static bool notes_have_pvh(const uint8_t *d, size_t len)
{
	Elf64_Nhdr n;

	while (len >= sizeof(n)) {
		size_t name, desc, whole;

		memcpy(&n, d, sizeof(n));
		name = ((size_t)n.n_namesz + 3) & ~(size_t)3;
		desc = ((size_t)n.n_descsz + 3) & ~(size_t)3;
		whole = sizeof(n) + name + desc;
		if (whole > len)
			return false;
		if (n.n_type == XEN_ELFNOTE_PHYS32_ENTRY && n.n_namesz == 4 &&
		    !memcmp(d + sizeof(n), "Xen", 4))
			return true;
		d += whole;
		len -= whole;
	}
	return false;
}

static void parse_elf(const uint8_t *d, size_t len, struct image *ret)
{
	static const char banner[] = "Linux version ";
	const uint8_t *at = memmem(d, len, banner, sizeof(banner) - 1);
	Elf64_Ehdr e;
	Elf64_Phdr p;

	memcpy(&e, d, sizeof(e));
	if (e.e_machine != EM_X86_64 || e.e_ident[EI_CLASS] != ELFCLASS64)
		return;
	for (size_t i = 0; i < e.e_phnum; i++) {
		if (e.e_phoff > len || (i + 1) * sizeof(p) > len - e.e_phoff)
			break;
		memcpy(&p, d + e.e_phoff + i * sizeof(p), sizeof(p));
		if (p.p_type == PT_NOTE && p.p_offset <= len && p.p_filesz <= len - p.p_offset)
			ret->pvh |= notes_have_pvh(d + p.p_offset, p.p_filesz);
	}
	/* "Linux version %s" also stands in the image; only a release begins with a digit. */
	while (at && !ret->release[0]) {
		at += sizeof(banner) - 1;
		copy_release(at, d + len - at, ret);
		at = memmem(at, d + len - at, banner, sizeof(banner) - 1);
	}
	/* Any ELF program is not a kernel: it must say so. */
	if (ret->release[0])
		ret->kind = IMAGE_ELF;
}

void image_parse(const void *data, size_t len, struct image *ret)
{
	const uint8_t *d = data;

	*ret = (struct image){ .kind = IMAGE_NONE };
	if (len >= sizeof(Elf64_Ehdr) && !memcmp(d, ELFMAG, SELFMAG))
		parse_elf(d, len, ret);
	else if (len >= BZ_HEADER_END && get_le(d + BZ_BOOT_FLAG, 2) == 0xaa55 &&
		 !memcmp(d + BZ_MAGIC, "HdrS", 4))
		parse_bzimage(d, len, ret);
}

struct mapping {
	void *data;
	size_t len;
};

static void cleanup_mapping(struct mapping *m)
{
	if (m->data)
		munmap(m->data, m->len);
}

static int map_file(const char *file, struct mapping *m, struct fail *f)
{
	int fd __close = open(file, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *p;

	if (fd < 0 || fstat(fd, &st))
		return fail_errno(f, -errno, "%s", file);
	if (!S_ISREG(st.st_mode) || !st.st_size)
		return fail_set(f, -EINVAL, "%s: %s; give a vmlinuz, bzImage or vmlinux file", file,
				S_ISREG(st.st_mode) ? "an empty file" : "not a regular file");
	p = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return fail_errno(f, -errno, "map %s", file);
	*m = (struct mapping){ p, st.st_size };
	return 0;
}

int image_probe(const char *file, struct image *ret, struct fail *f)
{
	struct mapping m __attribute__((cleanup(cleanup_mapping))) = {};
	int err = map_file(file, &m, f);

	if (err)
		return err;
	image_parse(m.data, m.len, ret);
	if (ret->kind == IMAGE_NONE)
		return fail_set(
			f, -EINVAL,
			"%s: no x86-64 kernel (neither a bzImage's \"HdrS\" nor a Linux ELF); "
			"give a vmlinuz, bzImage or vmlinux file",
			file);
	return 0;
}

/* Written beside and renamed: a half-written image must never be found. */
static int write_whole(const char *to, const char *data, size_t len, struct fail *f)
{
	char tmp[600];
	int fd __close = -1;

	if ((size_t)snprintf(tmp, sizeof(tmp), "%s.part", to) >= sizeof(tmp))
		return fail_set(f, -ENAMETOOLONG, "%s: path too long", to);
	fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return fail_errno(f, -errno, "create %s", tmp);
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0)
			return fail_errno(f, -errno, "write %s", tmp);
		data += n;
		len -= n;
	}
	return rename(tmp, to) ? fail_errno(f, -errno, "rename %s", tmp) : 0;
}

int vmlinux_extract(const char *bzimage, const char *to, struct fail *f)
{
	struct mapping m __attribute__((cleanup(cleanup_mapping))) = {};
	char *vmlinux __free = NULL;
	size_t len;
	int err = map_file(bzimage, &m, f);

	if (!err)
		err = vmlinux_decompress(m.data, m.len, &vmlinux, &len, f);
	return err ?: write_whole(to, vmlinux, len, f);
}
