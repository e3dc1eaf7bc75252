// SPDX-License-Identifier: MIT
#include "harness/yaml_dom.h"

#include <yaml.h>

struct dom {
	yaml_parser_t parser;
	struct diag *diag;
	const char *text;
	size_t len;
	unsigned int depth;
	bool failed; /* no more events can be had */
};

void ynode_free(struct ynode *n)
{
	while (n) {
		struct ynode *next = n->next;

		ynode_free(n->child); /* depth is bounded by YAML_DEPTH_MAX */
		ynode_free(n->key);
		free(n->text);
		free(n);
		n = next;
	}
}

const struct ynode *ynode_get(const struct ynode *map, const char *key)
{
	for (const struct ynode *n = map->child; n; n = n->next)
		if (n->key && str_eq(n->key->text, key))
			return n;
	return NULL;
}

bool ynode_is_null(const struct ynode *n)
{
	return n->kind == YNODE_SCALAR && !n->quoted &&
	       (str_eq(n->text, "") || str_eq(n->text, "~") || str_eq(n->text, "null"));
}

const char *ynode_kind_name(const struct ynode *n)
{
	if (ynode_is_null(n))
		return "nothing";
	return n->kind == YNODE_LIST ? "a list" : n->kind == YNODE_MAP ? "a map" : "text";
}

/* libyaml's reader tells an offset only; the place is counted from the text. */
static void tell_reader_problem(struct dom *dom)
{
	int line = 1, column = 1;

	for (size_t i = 0; i < dom->len && i < dom->parser.problem_offset; i++) {
		bool newline = dom->text[i] == '\n';

		line += newline;
		column = newline ? 1 : column + 1;
	}
	diag_add(dom->diag, line, column, "%s (0x%02x); a case file is plain UTF-8",
		 dom->parser.problem, (unsigned int)dom->parser.problem_value & 0xff);
}

static void tell_problem(struct dom *dom)
{
	const yaml_parser_t *p = &dom->parser;

	if (dom->failed)
		return;
	dom->failed = true;
	if (p->error == YAML_MEMORY_ERROR)
		dom->diag->err = -ENOMEM;
	else if (p->error == YAML_READER_ERROR)
		tell_reader_problem(dom);
	else
		diag_add(dom->diag, (int)p->problem_mark.line + 1, (int)p->problem_mark.column + 1,
			 "no YAML: %s%s%s", p->context ? p->context : "", p->context ? ", " : "",
			 p->problem ? p->problem : "unknown problem");
}

static bool next_event(struct dom *dom, yaml_event_t *e)
{
	if (!dom->failed && yaml_parser_parse(&dom->parser, e))
		return true;
	tell_problem(dom);
	return false;
}

static void refuse(struct dom *dom, const yaml_event_t *e, struct ynode *n, const char *what)
{
	diag_add(dom->diag, (int)e->start_mark.line + 1, (int)e->start_mark.column + 1, "%s", what);
	n->bad = true;
}

static struct ynode *new_node(struct dom *dom, const yaml_event_t *e, enum ynode_kind kind)
{
	struct ynode *n = calloc(1, sizeof(*n));

	if (!n) {
		dom->diag->err = -ENOMEM;
		dom->failed = true;
		return NULL;
	}
	n->kind = kind;
	n->line = (int)e->start_mark.line + 1;
	n->column = (int)e->start_mark.column + 1;
	return n;
}

static struct ynode *read_scalar(struct dom *dom, const yaml_event_t *e)
{
	struct ynode *n = new_node(dom, e, YNODE_SCALAR);
	const char *text = (const char *)e->data.scalar.value;

	if (!n)
		return NULL;
	n->quoted = e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	n->text = strdup(text);
	if (!n->text) {
		dom->diag->err = -ENOMEM;
		dom->failed = true;
		free(n);
		return NULL;
	}
	if (e->data.scalar.anchor)
		refuse(dom, e, n, "anchors are not part of a case file; write it out");
	else if (e->data.scalar.tag)
		refuse(dom, e, n, "tags are not part of a case file; leave it out");
	else if (strlen(text) != e->data.scalar.length)
		refuse(dom, e, n, "a NUL character in a text");
	return n;
}

static struct ynode *read_node(struct dom *dom, const yaml_event_t *e);

/* A key with its place, or NULL when it is none; the value that follows is then read and dropped.
 */
static struct ynode *read_key(struct dom *dom, const struct ynode *map, struct ynode *key)
{
	const struct ynode *first;

	if (key->kind != YNODE_SCALAR) {
		diag_add(dom->diag, key->line, key->column, "a key must be plain text, not %s",
			 ynode_kind_name(key));
		return NULL;
	}
	if (key->bad)
		return NULL;
	first = ynode_get(map, key->text);
	if (first) {
		diag_add(dom->diag, key->line, key->column,
			 "duplicate key '%s' (first at line %d); keep one", key->text,
			 first->key->line);
		return NULL;
	}
	return key;
}

static void append(struct ynode *parent, struct ynode **tail, struct ynode *n)
{
	if (*tail)
		(*tail)->next = n;
	else
		parent->child = n;
	*tail = n;
}

/* One member of a list or map whose first event is `e`; false: stop. */
static bool read_member(struct dom *dom, struct ynode *parent, struct ynode **tail,
			const yaml_event_t *e)
{
	struct ynode *n = read_node(dom, e), *key = NULL;
	yaml_event_t value;

	if (!n)
		return false;
	if (parent->kind == YNODE_LIST) {
		append(parent, tail, n);
		return true;
	}
	key = n;
	if (!next_event(dom, &value)) {
		ynode_free(key);
		return false;
	}
	n = read_node(dom, &value);
	yaml_event_delete(&value);
	if (n && read_key(dom, parent, key)) {
		n->key = key;
		append(parent, tail, n);
		return true;
	}
	ynode_free(key);
	ynode_free(n);
	return n != NULL;
}

static void read_members(struct dom *dom, struct ynode *parent)
{
	struct ynode *tail = NULL;
	yaml_event_t e;
	bool more = true;

	while (more && next_event(dom, &e)) {
		if (e.type == YAML_SEQUENCE_END_EVENT || e.type == YAML_MAPPING_END_EVENT)
			more = false;
		else
			more = read_member(dom, parent, &tail, &e);
		yaml_event_delete(&e);
	}
}

static struct ynode *read_collection(struct dom *dom, const yaml_event_t *e)
{
	bool list = e->type == YAML_SEQUENCE_START_EVENT;
	struct ynode *n = new_node(dom, e, list ? YNODE_LIST : YNODE_MAP);

	if (!n)
		return NULL;
	if (list ? e->data.sequence_start.anchor : e->data.mapping_start.anchor)
		refuse(dom, e, n, "anchors are not part of a case file; write it out");
	else if (list ? e->data.sequence_start.tag : e->data.mapping_start.tag)
		refuse(dom, e, n, "tags are not part of a case file; leave it out");
	if (++dom->depth > YAML_DEPTH_MAX) {
		refuse(dom, e, n, "nested more than 16 deep; a case file needs 6");
		dom->failed = true;
		return n;
	}
	read_members(dom, n);
	dom->depth--;
	return n;
}

static struct ynode *read_node(struct dom *dom, const yaml_event_t *e)
{
	struct ynode *n;

	switch (e->type) {
	case YAML_SCALAR_EVENT:
		return read_scalar(dom, e);
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT:
		return read_collection(dom, e);
	case YAML_ALIAS_EVENT:
		n = new_node(dom, e, YNODE_SCALAR);
		if (n) {
			n->text = strdup("");
			refuse(dom, e, n, "aliases are not part of a case file; write it out");
		}
		if (n && !n->text) {
			dom->diag->err = -ENOMEM;
			free(n);
			n = NULL;
		}
		return n;
	default:
		return NULL;
	}
}

static struct ynode *read_stream(struct dom *dom)
{
	struct ynode *root = NULL;
	unsigned int documents = 0;
	bool more = true;
	yaml_event_t e;

	while (more && next_event(dom, &e)) {
		if (e.type == YAML_STREAM_END_EVENT) {
			more = false;
		} else if (e.type == YAML_DOCUMENT_START_EVENT && ++documents > 1) {
			diag_add(dom->diag, (int)e.start_mark.line + 1,
				 (int)e.start_mark.column + 1,
				 "a second document; a case file holds one case");
			more = false;
		} else if (!root && documents) {
			root = read_node(dom, &e);
		}
		yaml_event_delete(&e);
	}
	return root;
}

/* libyaml speaks of tabs only where they break something; here an indent never holds one. */
static bool tabs_told(const char *text, size_t len, struct diag *d)
{
	int line = 1;

	for (size_t i = 0; i < len; line++) {
		size_t start = i;

		while (i < len && (text[i] == ' ' || text[i] == '\t'))
			if (text[i++] == '\t') {
				diag_add(d, line, (int)(i - start),
					 "a tab in the indentation; indent with spaces");
				return true;
			}
		while (i < len && text[i++] != '\n')
			;
	}
	return false;
}

struct ynode *yaml_dom_read(const char *text, size_t len, struct diag *d)
{
	struct dom dom = { .diag = d, .text = text, .len = len };
	struct ynode *root;

	if (len > YAML_FILE_MAX) {
		diag_add(d, 1, 1, "more than 1 MiB; a case file has some hundred lines");
		return NULL;
	}
	if (tabs_told(text, len, d))
		return NULL;
	if (!yaml_parser_initialize(&dom.parser)) {
		d->err = -ENOMEM;
		return NULL;
	}
	yaml_parser_set_encoding(&dom.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&dom.parser, (const unsigned char *)text, len);
	root = read_stream(&dom);
	yaml_parser_delete(&dom.parser);
	if (dom.failed || d->err) {
		ynode_free(root);
		return NULL;
	}
	if (!root)
		diag_add(d, 1, 1, "empty; see cases/README.md for what a case holds");
	return root;
}
