// SPDX-License-Identifier: MIT
/*
 * Quoted-printable, as a raw mail has it: "gfp_mask=3D0xcc0(GFP_KERNEL), order=3D0, oom_=" and the
 * rest in the next line. No "=" stands for itself there, so a line that has another is none.
 */
#include "lib/log_line.h"

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

ssize_t log_unquote(const char *line, size_t len, bool sure, char *out, bool *soft)
{
	size_t n = 0, escapes = 0;

	*soft = false;
	if (!memchr(line, '=', len))
		return -1;
	for (size_t i = 0; i < len && n + 1 < LOG_LINE_MAX; i++) {
		if (line[i] != '=') {
			out[n++] = line[i];
			continue;
		}
		if (i + 1 == len) {
			*soft = true;
			break;
		}
		if (i + 2 >= len || hex(line[i + 1]) < 0 || hex(line[i + 2]) < 0)
			return -1;
		out[n++] = (char)(hex(line[i + 1]) * 16 + hex(line[i + 2]));
		sure |= out[n - 1] == '=';
		escapes++;
		i += 2;
	}
	return sure && (escapes || *soft) ? (ssize_t)n : -1;
}
