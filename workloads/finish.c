// SPDX-License-Identifier: MIT
/*
 * The end of every run: the last word, the hold, gone. A function of its own because the task that
 * comes here need not be the one that main() ran in (threads, shared-mm).
 */
#include "workloads/fill.h"
#include "workloads/say.h"

void hog_finish(struct hog *h, enum ready_what what)
{
	int status;

	if (what == READY_YES)
		hold_prepare();
	status = say_result(h, what);
	if (status == READY_EXIT_DONE && h->opt.hold_ms)
		hold(h);
	else if (status == READY_EXIT_DONE)
		region_drop(h);
	/* Not exit(3), and nothing is unmapped: that would only cost time. */
	_exit(status);
}
