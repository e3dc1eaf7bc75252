// SPDX-License-Identifier: MIT
/* --sysctl: values that are written over those of the cases, to see what then becomes of them. */
#include "harness/cmd.h"
#include "harness/runner.h"

#include <ctype.h>

int run_sysctl_add(struct run_options *o, const char *text)
{
	struct run_sysctl *s = &o->sysctls[o->nr_sysctls];
	const char *eq = strchr(text, '=');
	bool plain = eq && eq[1];

	for (const char *p = text; *p; p++)
		plain &= isprint((unsigned char)*p) != 0;
	if (!plain || (size_t)(eq - text) >= sizeof(s->name) || strlen(eq + 1) >= sizeof(s->value))
		return usage_error(
			"--sysctl '%.80s': NAME=VALUE was expected, as vm.panic_on_oom=1", text);
	if (o->nr_sysctls == RUN_SYSCTLS_MAX)
		return usage_error("--sysctl: more than %d", RUN_SYSCTLS_MAX);
	snprintf(s->name, sizeof(s->name), "%.*s", (int)(eq - text), text);
	str_copy(s->value, sizeof(s->value), eq + 1);
	if (!case_sysctl_ok(s->name))
		return usage_error("--sysctl %s: a sysctl below vm., kernel. or fs. was expected",
				   s->name);
	o->nr_sysctls++;
	return 0;
}

int run_sysctl_apply(const struct run *r)
{
	int err = 0;

	for (size_t i = 0; i < r->nr_cases; i++)
		for (size_t j = 0; !err && j < r->opt->nr_sysctls; j++)
			err = case_set_sysctl(r->cases[i], r->opt->sysctls[j].name,
					      r->opt->sysctls[j].value);
	return err;
}
