// SPDX-License-Identifier: MIT
#include "lib/mempolicy.h"

#include <numaif.h>

/* The kernel's numbers (uapi/linux/mempolicy.h); older headers lack the later ones. */
static const struct {
	const char *name;
	int mode;
	int min_nodes, max_nodes;
} modes[] = {
	[MEMPOLICY_DEFAULT] = { "default", 0, 0, 0 },
	[MEMPOLICY_PREFERRED] = { "preferred", 1, 1, 1 },
	[MEMPOLICY_BIND] = { "bind", 2, 1, NODEMASK_MAX },
	[MEMPOLICY_INTERLEAVE] = { "interleave", 3, 1, NODEMASK_MAX },
	[MEMPOLICY_LOCAL] = { "local", 4, 0, 0 },
	[MEMPOLICY_PREFERRED_MANY] = { "preferred-many", 5, 1, NODEMASK_MAX },
	[MEMPOLICY_WEIGHTED_INTERLEAVE] = { "weighted-interleave", 6, 1, NODEMASK_MAX },
};

/*
 * bind:0-1                                                                  (as users write it)
 */
int mempolicy_parse(const char *text, struct mempolicy *ret)
{
	size_t len = strcspn(text, ":");
	struct mempolicy p = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		int err = 0, weight;

		if (strlen(modes[i].name) != len || strncmp(text, modes[i].name, len) != 0)
			continue;
		p.mode = (enum mempolicy_mode)i;
		if (text[len] == ':')
			err = nodemask_parse(text + len + 1, &p.nodes);
		weight = (int)nodemask_weight(&p.nodes);
		if (!err && (weight < modes[i].min_nodes || weight > modes[i].max_nodes))
			err = -EINVAL;
		if (!err && text[len] == ':' && !weight)
			err = -EINVAL;
		if (!err)
			*ret = p;
		return err;
	}
	return -EINVAL;
}

const char *mempolicy_format(const struct mempolicy *p, char *buf, size_t len)
{
	char nodes[96];

	nodemask_format(&p->nodes, nodes, sizeof(nodes));
	snprintf(buf, len, "%s%s%s", modes[p->mode].name, *nodes ? ":" : "", nodes);
	return buf;
}

#define LONG_BITS (8 * sizeof(long))

static void mask_from_kernel(const unsigned long *words, struct nodemask *ret)
{
	*ret = (struct nodemask){ 0 };
	for (unsigned int n = 0; n < NODEMASK_MAX; n++)
		if (words[n / LONG_BITS] >> (n % LONG_BITS) & 1)
			nodemask_set(ret, n);
}

int mempolicy_get(struct mempolicy *ret)
{
	unsigned long words[NODEMASK_MAX / LONG_BITS] = { 0 };
	struct mempolicy p;
	int mode;

	if (get_mempolicy(&mode, words, NODEMASK_MAX, NULL, 0) < 0)
		return -errno;
	/* Above the mode are flags (MPOL_F_STATIC_NODES ...) that a parent may have left us. */
	mode &= 0xff;
	if (mode >= (int)ARRAY_SIZE(modes))
		return -EPROTO;
	p.mode = (enum mempolicy_mode)mode;
	mask_from_kernel(words, &p.nodes);
	/* Before 5.14 the kernel kept "local" as "preferred" without a node. */
	if (p.mode == MEMPOLICY_PREFERRED && nodemask_first(&p.nodes) < 0)
		p.mode = MEMPOLICY_LOCAL;
	*ret = p;
	return 0;
}

/*
 * The nodes this task may use at all, for the message: its cpuset's. Asked of the kernel, because
 * the highest node number says nothing of nodes without memory.
 */
static const char *allowed_nodes(char *buf, size_t len)
{
	unsigned long words[NODEMASK_MAX / LONG_BITS] = { 0 };
	struct nodemask mask;

	if (get_mempolicy(NULL, words, NODEMASK_MAX, NULL, MPOL_F_MEMS_ALLOWED) < 0)
		return "unknown";
	mask_from_kernel(words, &mask);
	return nodemask_format(&mask, buf, len);
}

static int apply(const struct mempolicy *p)
{
	unsigned long words[NODEMASK_MAX / LONG_BITS] = { 0 };
	bool empty = nodemask_first(&p->nodes) < 0;

	for (unsigned int n = 0; n < NODEMASK_MAX; n++)
		if (nodemask_has(&p->nodes, n))
			words[n / LONG_BITS] |= 1UL << (n % LONG_BITS);
	/* One more than there are bits: the kernel takes one off. */
	if (set_mempolicy(modes[p->mode].mode, empty ? NULL : words, empty ? 0 : NODEMASK_MAX + 1) <
	    0)
		return -errno;
	return 0;
}

int mempolicy_set(const struct mempolicy *p, struct fail *f)
{
	char text[MEMPOLICY_TEXT_LEN], nodes[96], took[MEMPOLICY_TEXT_LEN];
	struct mempolicy now = { 0 };
	int err;

	mempolicy_format(p, text, sizeof(text));
	err = apply(p);
	if (err == -ENOSYS)
		return fail_set(f, err, "mempolicy %s: this kernel has no NUMA", text);
	if (err == -EINVAL)
		return fail_set(f, err, "mempolicy %s: not here; nodes this task may use: %s", text,
				allowed_nodes(nodes, sizeof(nodes)));
	if (err)
		return fail_errno(f, err, "set_mempolicy %s", text);
	err = mempolicy_get(&now);
	if (err)
		return fail_errno(f, err, "get_mempolicy");
	if (now.mode != p->mode || !nodemask_equal(&now.nodes, &p->nodes))
		return fail_set(f, -ESTALE,
				"mempolicy %s: the kernel made it %s; nodes this task may use: %s",
				text, mempolicy_format(&now, took, sizeof(took)),
				allowed_nodes(nodes, sizeof(nodes)));
	return 0;
}
