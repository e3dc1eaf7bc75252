// SPDX-License-Identifier: MIT
#include "harness/arena.h"
#include "lib/jsonw.h"

#include <signal.h>

static volatile sig_atomic_t interrupted;

static void on_signal(int sig)
{
	(void)sig;
	interrupted = 1;
}

bool arena_interrupted(void)
{
	return interrupted;
}

/* Without SA_RESTART: whoever waits in poll(2) comes back and looks. A second Ctrl-C ends us at
 * once. */
void arena_catch_signals(void)
{
	struct sigaction sa = { .sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND };

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	if (signal(SIGHUP, SIG_IGN) != SIG_IGN) /* nohup asked us to stay */
		sigaction(SIGHUP, &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
}

void arena_note(FILE *evidence, const char *type, const char *key, const char *text)
{
	char line[20000];
	struct jsonw w;

	jsonw_init(&w, line, sizeof(line));
	jsonw_object(&w, NULL);
	jsonw_str(&w, "t", type);
	jsonw_strn(&w, key, text, strnlen(text, 3000)); /* escaped at most sixfold */
	if (jsonw_finish(&w) > 0)
		fprintf(evidence, "%.*s\n", (int)w.len, line);
}
