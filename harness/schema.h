/* SPDX-License-Identifier: MIT */
/*
 * The grammar of case files as tables: a row is a key, what its value looks like, what it means and
 * who reads it. The same rows give the messages, the suggestions ("did you mean") and the tables in
 * cases/README.md.
 */
#ifndef OOM_HARNESS_SCHEMA_H
#define OOM_HARNESS_SCHEMA_H

#include "harness/case.h"
#include "harness/yaml_dom.h"

/* Passed through every read function. */
struct reader {
	struct oom_case *c;
	struct diag *d;
	struct case_when when; /* of the expectations being read */
	bool in_when;
	unsigned int report; /* of `reports`, from 1, what is read now is about; 0: not there */
	const struct ynode *expect; /* the map of expectations being read */
	/* A mistake was told there: what refers to it must not cause another. */
	bool workers_bad, cgroups_bad, places_bad, steps_bad;
};

struct schema_row {
	const char *key;
	const char *form; /* what a value looks like: "size", "v1, v2", "[NAME, ...]" */
	const char *doc;
	void (*read)(struct reader *r, const struct schema_row *row, const struct ynode *v,
		     void *to);
	size_t offset; /* of the field in the struct `to` points to */
	size_t size;   /* of a text field */
	int64_t lo, hi;
	const char *const *choices;
	int kind; /* enum expect_kind, enum step_op, ... : the reader's business */
	bool required;
};

struct schema {
	const char *name;	       /* "a worker", for messages */
	const char *head;	       /* heading in cases/README.md */
	const struct schema_row *rows; /* ends with a NULL key */
};

extern const struct schema schema_case, schema_claim, schema_truth, schema_needs, schema_scene,
	schema_worker, schema_step, schema_wait, schema_read_step, schema_write_step,
	schema_eventfd, schema_signal, schema_move, schema_kmsg, schema_expect, schema_when,
	schema_if, schema_profile, schema_profile_value;

#define ROW_FIELD(type, field) .offset = offsetof(type, field), .size = sizeof(((type *)0)->field)

/* "FILE:L:C: text" at a node; the place of its key where it has one is not used: the value's is. */
#define told(r, node, ...) diag_add((r)->d, (node)->line, (node)->column, __VA_ARGS__)

/* Reads a map by its table: each row in table order, then what is left over is told as unknown. */
void schema_read(struct reader *r, const struct schema *s, const struct ynode *map, void *to);
/* The row of a key; tells unknown ones. */
const struct schema_row *schema_find(struct reader *r, const struct schema *s,
				     const struct ynode *key);
/* The tables as Markdown, as they stand in cases/README.md. */
void schema_write_markdown(FILE *f);

/* --- what values are made of (schema_values.c). All tell what is wrong and return false then. */
bool value_is_scalar(struct reader *r, const struct ynode *v, const char *what);
bool value_is_map(struct reader *r, const struct ynode *v, const char *what);
bool value_int(struct reader *r, const struct ynode *v, const char *what, int64_t lo, int64_t hi,
	       int64_t *ret);
bool value_bytes(struct reader *r, const struct ynode *v, const char *what, uint64_t lo,
		 uint64_t hi, uint64_t *ret);
bool value_size(struct reader *r, const struct ynode *v, const char *what, struct size_spec *ret);
bool value_choice(struct reader *r, const struct ynode *v, const char *what,
		  const char *const *choices, int *ret);
/* "3", ">= 3", "<= 3", "3..5"; numbers, sizes in kB, or times in us (of whole ms). */
enum range_of { RANGE_NUMBERS, RANGE_SIZES, RANGE_TIMES };
bool value_range(struct reader *r, const struct ynode *v, const char *what, enum range_of of,
		 struct range *ret);
bool range_parse(const char *s, enum range_of of, struct range *ret); /* tells nothing */
/* ">= 5.10": op ("<" "<=" ">" ">=" "="), major, minor. */
bool value_kernel(struct reader *r, const struct ynode *v, char op[3], unsigned int *major,
		  unsigned int *minor);
/* A worker's name: [a-z0-9][a-z0-9._-]*, at most 15 bytes (the kernel's comm). */
bool value_worker_name(struct reader *r, const struct ynode *v);
/* Calls each() for a scalar or for every member of a list. */
void value_each(struct reader *r, const struct ynode *v, const char *what, void *to,
		void (*each)(struct reader *r, const struct ynode *v, void *to));

/* Row readers for the plain types. */
void row_text(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to);
void row_line(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to);
void row_chars(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to);
void row_bytes(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to);
void row_size(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to);
void row_duration(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to);
void row_int(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to);

/* --- the parts of a case (case_*.c) */
void read_claim(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to);
/* `to` is a struct case_when. */
void read_if(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to);
void read_tags(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to);
void read_sysctls(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to);
void read_cgroups(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to);
void read_workers(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to);
void read_steps(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to);
void read_expect(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to);
void read_figures(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to);
void read_reports(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to);
void read_counters(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to);

/* One file of a cgroup and its value; told and false if it is none of ours. */
bool read_knob(struct reader *r, const struct ynode *v, bool v1, bool v2, struct case_setting *to);
/* Is that file there on every version the case needs? Told if not. */
bool cgroup_file_ok(struct reader *r, const struct ynode *v, const char *name);
/* A declared cgroup, "." for our own root; told and NULL otherwise. */
const char *read_cgroup_ref(struct reader *r, const struct ynode *v);
/* A declared worker; told and NULL otherwise. */
struct case_worker *read_worker_ref(struct reader *r, const struct ynode *v);
/* The same for a task: "NAME/N" is a child of the worker. */
struct case_worker *read_task_ref(struct reader *r, const struct ynode *v);
/* A row of the expectations; NULL if it is a dropped one (`~`) or a mistake, which is told. */
struct case_expect *new_expect_at(struct reader *r, const struct ynode *v, enum expect_kind kind,
				  const char *subject, const char *file, const char *key);

/* Mistakes that no single key shows: what is never started, never expected, or cannot be. */
void case_check(struct reader *r, const struct ynode *root);
void case_check_sizes(struct reader *r, const struct ynode *root);

/* A new zeroed element at the end of a growing array; NULL without memory (r->d->err). */
void *case_grow(struct reader *r, void *array, size_t *nr, size_t elem_bytes);
#define GROW(r, array, nr) \
	((__typeof__(&(array)[0]))case_grow(r, &(array), &(nr), sizeof((array)[0])))

#endif
