// SPDX-License-Identifier: MIT
/*
 * Where in a block of log text could an OOM report begin? Every line that begins or belongs to one
 * holds one of a few short, rare byte sequences, compared 16 offsets at a time. A hit may be
 * wrong, which costs the parse of a line; a miss would lose a report.
 */
#include "lib/oom_report.h"

typedef uint8_t v16 __attribute__((vector_size(16)));

/* Letters are compared with bit 5 set: 'A' is 'a', and what else falls together is rare. */
static const char needles[][5] = {
	"kill", /* invoked oom-killer, oom-kill:, Killed process, no killable, are going to be
		   killed */
	"gfp_", /* gfp_mask=, where a wrap went through the words before it */
	"oom:", /* a vendor's "invoked oom: " */
	"_oom", /* panic_on_oom is enabled */
	"al_v", /* total_vm: the task table's header */
	"y: u", /* memory: usage */
	"m-in", /* Mem-Info: */
	"oom ", /* Manual OOM execution */
	"dloc", /* System is deadlocked on memory */
};

static inline v16 load(const char *p)
{
	v16 v;

	memcpy(&v, p, sizeof(v));
	return v | 0x20;
}

static bool at(const char *p, const char *needle)
{
	for (int i = 0; i < 4; i++)
		if ((p[i] | 0x20) != (needle[i] | 0x20))
			return false;
	return true;
}

static size_t scan_slow(const char *buf, size_t from, size_t to, size_t len)
{
	for (; from < to && from + 4 <= len; from++)
		for (size_t k = 0; k < ARRAY_SIZE(needles); k++)
			if (at(buf + from, needles[k]))
				return from;
	return len;
}

size_t oom_scan(const char *buf, size_t len)
{
	size_t i = 0;

	for (; i + 19 <= len; i += 16) {
		v16 a = load(buf + i), b = load(buf + i + 1), c = load(buf + i + 2);
		v16 d = load(buf + i + 3), hit = { 0 };
		uint64_t half[2];

		for (size_t k = 0; k < ARRAY_SIZE(needles); k++) {
			const char *n = needles[k];

			hit |= (v16)(a == (uint8_t)(n[0] | 0x20)) &
			       (v16)(b == (uint8_t)(n[1] | 0x20)) &
			       (v16)(c == (uint8_t)(n[2] | 0x20)) &
			       (v16)(d == (uint8_t)(n[3] | 0x20));
		}
		memcpy(half, &hit, sizeof(half));
		if (half[0] | half[1])
			return scan_slow(buf, i, i + 16, len);
	}
	return scan_slow(buf, i, len, len);
}

size_t oom_count_lines(const char *buf, size_t len)
{
	size_t n = 0, i = 0;

	while (i + 16 <= len) {
		size_t blocks = min((len - i) / 16, (size_t)255);
		v16 sum = { 0 };

		/* a comparison is 0 or -1, and 255 of them fit a byte */
		for (; blocks; blocks--, i += 16) {
			v16 v;

			memcpy(&v, buf + i, sizeof(v));
			sum -= (v16)(v == '\n');
		}
		for (int k = 0; k < 16; k++)
			n += sum[k];
	}
	for (; i < len; i++)
		n += buf[i] == '\n';
	return n;
}
