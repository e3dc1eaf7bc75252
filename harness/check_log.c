// SPDX-License-Identifier: MIT
/* Is the kernel log whole from our mark on? Without that "no kill line" means nothing. */
#include "harness/check.h"

void check_log(struct bench *b)
{
	const struct evidence *e = b->e;
	struct check *c = check_new(b, "kernel log");

	check_want(b, c, "every record after the mark");
	if (!e->has_mark)
		check_saw(b, c, "no mark");
	else if (e->lost_records)
		check_saw(b, c, "%llu records overwritten before they could be read",
			  (unsigned long long)e->lost_records);
	else if (e->missing_records)
		check_saw(b, c, "%llu records missing by their numbers",
			  (unsigned long long)e->missing_records);
	else
		check_saw(b, c, "%zu records", e->nr_kmsg);
	if (!e->has_mark || e->lost_records || e->missing_records)
		check_spoil(c);
}
