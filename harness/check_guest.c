// SPDX-License-Identifier: MIT
/* What became of the guest, and whether that says something about its kernel. */
#include "harness/check.h"

static void saw_outcome(struct bench *b, struct check *c)
{
	const char *text = b->e->vm_text;

	check_saw(b, c, "it %s%s%s",
		  b->e->vm == VM_PANICKED      ? "panicked"
		  : b->e->vm == VM_HUNG	       ? "hung"
		  : b->e->vm == VM_RESET       ? "reset without a word"
		  : b->e->vm == VM_QEMU_KILLED ? "ended with a killed QEMU"
					       : "never ran, QEMU refused",
		  text && *text ? ": " : "", text && *text ? text : "");
}

/* Was our mark made? A guest that panics may take the word of it along, but prints its log. */
static bool began(const struct bench *b)
{
	char mark[160];

	snprintf(mark, sizeof(mark), "oomlab: begin %s %s", b->plan->name, b->plan->run_id);
	return b->e->has_mark || (b->e->console && strstr(b->e->console, mark));
}

static void too_early(struct bench *b, struct check *c)
{
	check_saw(b, c, " (before the case began)");
	check_spoil(c);
}

/*
 * A panic that nobody asked for is always the kernel's doing. One that was asked for, and a hang, tell of
 * the case once the mark was made: the scene stood, the player answered, and then the memory ran out.
 * Before that, and whenever QEMU itself is the cause, nothing was learnt.
 */
void check_guest(struct bench *b)
{
	struct check *c;

	if (b->e->vm == VM_NONE)
		return;
	c = check_new(b, "guest");
	check_want(b, c, bench_expects(b, EXPECT_PANIC) ? "a panic" : "a guest that lives");
	switch (b->e->vm) {
	case VM_NONE:
	case VM_RUNNING:
	case VM_POWERED_OFF:
		check_saw(b, c, "it lived");
		if (bench_expects(b, EXPECT_PANIC))
			check_fail(c);
		return;
	case VM_PANICKED:
		saw_outcome(b, c);
		if (!bench_expects(b, EXPECT_PANIC))
			check_fail(c);
		else if (!began(b))
			too_early(b, c);
		return;
	case VM_HUNG:
		saw_outcome(b, c);
		if (began(b))
			check_fail(c);
		else
			too_early(b, c);
		return;
	case VM_RESET:
	case VM_QEMU_REFUSED:
	case VM_QEMU_KILLED:
		saw_outcome(b, c);
		check_spoil(c);
		return;
	}
	check_spoil(c);
}
