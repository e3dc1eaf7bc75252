// SPDX-License-Identifier: MIT
/*
 * libFuzzer target for evidence: what a player, or a file from elsewhere, tells is read, judged and timed.
 * A verdict must come out, with a reason where it is no PASS. Seeds: harness/tests/data/evidence/.
 */
#include "harness/judge.h"
#include "harness/timing.h"

#include <sys/mman.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void judge_all(const struct evidence *e)
{
	struct timing t = timing_of(e);
	struct judgement j;

	(void)timing_skewed(&t);
	if (judge(e, &j))
		abort();
	if (!j.nr_checks || (j.verdict != VERDICT_PASS && !*j.reason)) {
		fputs("fuzz_evidence: a verdict of nothing\n", stderr);
		abort();
	}
	judgement_free(&j);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	struct evidence *e;
	struct fail f;
	char file[40];

	if (fd < 0)
		fd = memfd_create("evidence", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, 0) || pwrite(fd, data, size, 0) != (ssize_t)size)
		abort();
	snprintf(file, sizeof(file), "/proc/self/fd/%d", fd);
	if (evidence_load(file, &e, &f))
		return 0;
	judge_all(e);
	evidence_free(e);
	return 0;
}
