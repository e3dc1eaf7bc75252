// SPDX-License-Identifier: MIT
/*
 * Where in a block of log text could an OOM report begin? Every line that begins or belongs to one
 * holds one of a few short, rare byte sequences, compared 32 offsets at a time. A hit may be
 * wrong, which costs the parse of a line; a miss would lose a report.
 */
#include "lib/oom_report.h"

typedef uint8_t vec __attribute__((vector_size(32)));
typedef int8_t mask __attribute__((vector_size(32)));
#define VEC sizeof(vec)

/* Twice as fast with AVX2, which the loader chooses where it is. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
	!defined(__SANITIZE_ADDRESS__)
#define WIDE __attribute__((target_clones("avx2", "default")))
#else
#define WIDE
#endif

/*
 * Letters are compared with bit 5 set: 'A' is 'a', and what else falls together is rare.
 * kill: invoked oom-killer, oom-kill:, Killed process, no killable, are going to be killed
 * gfp_: gfp_mask=, where a wrap went through the words before it
 * oom:  a vendor's "invoked oom: "	    _oom: panic_on_oom is enabled
 * tgid: the task table's header	    l_vm: and where a wrap cut that, total_vm
 * y: u: memory: usage			    m-in: Mem-Info:
 * b mi: a zone's "free:540kB min:540kB"    p__=: Free swap  = 0kB; a log may begin behind Mem-Info
 * l oo: Manual OOM execution		    dloc: System is deadlocked on memory
 */
#define NEEDLES(X)            \
	X('k', 'i', 'l', 'l') \
	X('g', 'f', 'p', '_') \
	X('o', 'o', 'm', ':') \
	X('_', 'o', 'o', 'm') \
	X('t', 'g', 'i', 'd') \
	X('l', '_', 'v', 'm') \
	X('y', ':', ' ', 'u') \
	X('m', '-', 'i', 'n') \
	X('b', ' ', 'm', 'i') \
	X('p', ' ', ' ', '=') \
	X('l', ' ', 'o', 'o') \
	X('d', 'l', 'o', 'c')

#define NEEDLE(a, b, c, d) { a, b, c, d },
static const char needles[][4] = { NEEDLES(NEEDLE) };

static bool at(const char *p, const char *needle)
{
	for (int i = 0; i < 4; i++)
		if ((p[i] | 0x20) != (needle[i] | 0x20))
			return false;
	return true;
}

/*
 * "kill" is a common word: what must follow it here. A line that ends before it does may be wrapped.
 */
static bool kill_matters(const char *s, size_t left)
{
	static const char *const follows[] = { ":",   "er",    "able",	" pr",
					       "_pr", "ed pr", "ed as", "ed due" };

	for (size_t k = 0; k < ARRAY_SIZE(follows); k++) {
		size_t n = 0;

		if (left && (*s | 0x20) != (*follows[k] | 0x20) && *s != '\n' && *s != '\r')
			continue;
		while (n < left && follows[k][n] && (s[n] | 0x20) == (follows[k][n] | 0x20))
			n++;
		if (!follows[k][n] || n == left || s[n] == '\n' || s[n] == '\r')
			return true;
	}
	return false;
}

static bool matters(const char *s, size_t left)
{
	for (size_t k = 0; k < ARRAY_SIZE(needles); k++)
		if (at(s, needles[k]))
			return k || kill_matters(s + 4, left - 4);
	return false;
}

/* Offset of a block of VEC with hits, a byte of `hits` each; or where too little is left for one. */
WIDE static size_t scan_blocks(const char *buf, size_t len, uint64_t hits[VEC / 8])
{
	size_t i = 0;

	for (; i + VEC + 3 <= len; i += VEC) {
		vec v0, v1, v2, v3;
		mask hit = { 0 };

		memcpy(&v0, buf + i, VEC);
		memcpy(&v1, buf + i + 1, VEC);
		memcpy(&v2, buf + i + 2, VEC);
		memcpy(&v3, buf + i + 3, VEC);
		v0 |= 0x20;
		v1 |= 0x20;
		v2 |= 0x20;
		v3 |= 0x20;
#define HIT(a, b, c, d) \
	hit |= (v0 == (a | 0x20)) & (v1 == (b | 0x20)) & (v2 == (c | 0x20)) & (v3 == (d | 0x20));
		NEEDLES(HIT)
		memcpy(hits, &hit, VEC);
		if (hits[0] | hits[1] | hits[2] | hits[3])
			break;
	}
	return i;
}

size_t oom_scan(const char *buf, size_t len)
{
	uint64_t hits[VEC / 8];
	const char *hit = (const char *)hits;
	size_t i = 0;

	for (;;) {
		i += scan_blocks(buf + i, len - i, hits);
		if (i + VEC + 3 > len)
			break;
		for (size_t k = 0; k < VEC; k++)
			if (hit[k] && matters(buf + i + k, len - i - k))
				return i + k;
		i += VEC;
	}
	for (; i + 4 <= len; i++)
		if (matters(buf + i, len - i))
			return i;
	return len;
}

WIDE size_t oom_count_lines(const char *buf, size_t len)
{
	size_t n = 0, i = 0;

	while (i + VEC <= len) {
		size_t blocks = min((len - i) / VEC, (size_t)255);
		vec sum = { 0 };

		/* a comparison is 0 or -1, and 255 of them fit a byte */
		for (; blocks; blocks--, i += VEC) {
			vec v;

			memcpy(&v, buf + i, VEC);
			sum -= (vec)(v == '\n');
		}
		for (size_t k = 0; k < VEC; k++)
			n += sum[k];
	}
	for (; i < len; i++)
		n += buf[i] == '\n';
	return n;
}
