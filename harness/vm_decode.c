// SPDX-License-Identifier: MIT
/*
 * What became of a guest, from what QEMU and the console left behind. The first row that holds
 * decides. QMP's reasons are those of QEMU's ShutdownCause; a panic with panic=-1 is a
 * "guest-reset" like any other, which is why the console is asked first.
 */
#include "harness/vm_internal.h"

#include <signal.h>
#include <sys/wait.h>

static bool is_hung(const struct vm_end *e)
{
	return e->declared_hung;
}

static bool has_panic(const struct vm_end *e)
{
	return e->panic[0];
}

static bool is_signalled(const struct vm_end *e)
{
	return WIFSIGNALED(e->status);
}

static bool refused(const struct vm_end *e)
{
	return !e->hello && (WEXITSTATUS(e->status) || !e->shutdown[0]);
}

static bool failed_later(const struct vm_end *e)
{
	return WEXITSTATUS(e->status) || !e->shutdown[0];
}

static bool was_reset(const struct vm_end *e)
{
	return str_eq(e->shutdown, "guest-reset");
}

static bool said_bye(const struct vm_end *e)
{
	return str_eq(e->shutdown, "guest-shutdown") && e->bye;
}

static bool went_silently(const struct vm_end *e)
{
	return str_eq(e->shutdown, "guest-shutdown");
}

static bool always(const struct vm_end *e)
{
	(void)e;
	return true;
}

enum detail { NOTHING, PANIC, LAST_LINE, SIGNAL, QEMU_SAID, REASON };

static const struct {
	bool (*holds)(const struct vm_end *e);
	enum vm_outcome outcome;
	const char *words; /* the detail follows them */
	enum detail detail;
} rows[] = {
	{ is_hung, VM_HUNG, "", LAST_LINE },
	{ has_panic, VM_PANICKED, "", PANIC },
	{ is_signalled, VM_QEMU_KILLED, "QEMU was killed by a signal: ", SIGNAL },
	{ refused, VM_QEMU_REFUSED, "QEMU did not run the guest: ", QEMU_SAID },
	{ failed_later, VM_QEMU_KILLED, "QEMU ended without a word: ", QEMU_SAID },
	{ was_reset, VM_RESET, "the guest reset itself; its last line: ", LAST_LINE },
	{ said_bye, VM_POWERED_OFF, "powered off", NOTHING },
	{ went_silently, VM_RESET,
	  "powered off without its agent's word; its last line: ", LAST_LINE },
	{ always, VM_QEMU_KILLED, "QEMU was ended from outside: ", REASON },
};

static const char *detail_of(const struct vm_end *e, enum detail d)
{
	switch (d) {
	case PANIC:
		return e->panic;
	case LAST_LINE:
		return e->last[0] ? e->last : "(the console is empty)";
	case SIGNAL:
		return strsignal(WTERMSIG(e->status));
	case QEMU_SAID:
		return e->qemu_said[0] ? e->qemu_said : "(it said nothing)";
	case REASON:
		return e->shutdown;
	case NOTHING:
		break;
	}
	return "";
}

enum vm_outcome vm_decode(const struct vm_end *e, char *text, size_t len)
{
	size_t i = 0;

	while (!rows[i].holds(e))
		i++;
	snprintf(text, len, "%s%s%s%s", rows[i].words, detail_of(e, rows[i].detail),
		 rows[i].detail == SIGNAL && e->qemu_said[0] ? "; it said: " : "",
		 rows[i].detail == SIGNAL ? e->qemu_said : "");
	return rows[i].outcome;
}
