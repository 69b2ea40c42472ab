/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Collects findings and makes the report. Names and values in them come from the file, so control
 * characters are written as escapes and long texts are cut: a finding is one line, on a terminal
 * and in a log.
 */
#include "oci/findings.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "oci/config.h"
#include "oci/document.h"

struct report {
	struct berth_report report;
	struct arena arena; /* holds this, too */
};

/* A line of text under construction. */
struct line {
	size_t n;
	bool cut;
	char text[512];
};

enum { LINE_MAX_BYTES = 480 }; /* leaves room for one escape and dots */

/* A key may hold anything but UTF-8: yajl makes something of half a surrogate pair. */
static void put_bytes(struct line *l, const char *bytes, size_t n)
{
	for (size_t i = 0, length; i < n && !l->cut; i += length ? length : 1) {
		char next[5] = { 0 };
		char *to = l->text + l->n;

		memcpy(next, bytes + i, n - i < 4 ? n - i : 4);
		length = text_sequence(next);
		if (l->n >= LINE_MAX_BYTES) {
			l->cut = true;
			l->n += (size_t)snprintf(to, 4, "...");
		} else if (length > 0 && !text_control(next)) {
			memcpy(to, next, length);
			l->n += length;
		} else if (length > 0 || next[0] == '\0') {
			l->n += (size_t)snprintf(to, 7, "\\u%04x",
						 (unsigned char)next[length == 2]);
		} else {
			l->n += (size_t)snprintf(to, 5, "\\x%02x", (unsigned char)next[0]);
		}
	}
	l->text[l->n] = '\0';
}

static void put_text(struct line *l, const char *text)
{
	put_bytes(l, text, strlen(text));
}

static void put_key(struct line *l, const char *key, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t plain = i;

		while (i < n && key[i] != '~' && key[i] != '/')
			i++;
		put_bytes(l, key + plain, i - plain);
		if (i < n)
			put_text(l, key[i] == '~' ? "~0" : "~1");
	}
}

static void put_index(struct line *l, const struct document *d, const struct json_node *item)
{
	char number[16];
	unsigned int i = 0;

	for (const struct json_node *m = first_child(&d->nodes[item->parent]); m != item;
	     m = next_child(d, m))
		i++;
	(void)snprintf(number, sizeof(number), "%u", i);
	put_text(l, number);
}

static void put_pointer(struct line *l, const struct findings *f, const struct json_node *n)
{
	const struct json_node *nodes = f->document->nodes;
	const struct json_node *path[CONFIG_DEPTH_MAX + 1];
	size_t depth = 0;

	for (; n && n != nodes && depth < ARRAY_SIZE(path); n = &nodes[n->parent])
		path[depth++] = n;
	put_text(l, f->above ? f->above : "");
	while (depth-- > 0) {
		put_text(l, "/");
		if (path[depth]->key)
			put_key(l, path[depth]->key, path[depth]->key_length);
		else
			put_index(l, f->document, path[depth]);
	}
}

/* A finding that is kept, or NULL: there are too many, or no memory. */
static struct found *new_finding(struct findings *f, enum berth_finding_level level)
{
	struct found *found;
	size_t i = f->n[level]++;

	if (i >= FINDINGS_KEPT)
		return NULL;
	if (!f->kept[level])
		f->kept[level] = arena_array(&f->arena, FINDINGS_KEPT, sizeof(struct found));
	if (!f->kept[level]) {
		f->without_memory = true;
		return NULL;
	}
	found = &f->kept[level][i];
	found->finding.level = level;
	found->finding.pointer = found->finding.text = "";
	found->order = f->n[BERTH_FINDING_ERROR] + f->n[BERTH_FINDING_WARNING];
	return found;
}

static const char *keep_line(struct findings *f, const struct line *l)
{
	const char *kept = arena_copy(&f->arena, l->text, l->n);

	if (!kept)
		f->without_memory = true;
	return kept ? kept : "";
}

static void set_text(struct findings *f, struct found *found, const char *fmt, va_list args)
{
	struct line l = { 0 };
	char text[1024];

	(void)vsnprintf(text, sizeof(text), fmt, args);
	put_text(&l, text);
	found->finding.text = keep_line(f, &l);
}

static void set_place(struct findings *f, struct found *found, const struct json_node *n,
		      size_t offset)
{
	struct line l = { 0 };

	put_pointer(&l, f, n);
	found->finding.pointer = keep_line(f, &l);
	found->finding.line = 1; /* a place: the line comes in the end */
	found->offset = offset;
	found->node = n ? (uint32_t)(n - f->document->nodes) : 0;
}

void finding_at(struct findings *f, enum berth_finding_level level, const struct json_node *n,
		const char *fmt, ...)
{
	struct found *found = new_finding(f, level);
	va_list args;

	if (!found)
		return;
	va_start(args, fmt);
	set_text(f, found, fmt, args);
	va_end(args);
	set_place(f, found, n, n->offset);
}

void finding_at_key(struct findings *f, enum berth_finding_level level, const struct json_node *n,
		    const char *fmt, ...)
{
	struct found *found = new_finding(f, level);
	va_list args;

	if (!found)
		return;
	va_start(args, fmt);
	set_text(f, found, fmt, args);
	va_end(args);
	set_place(f, found, n, n->key ? n->key_offset : n->offset);
}

void finding_at_byte(struct findings *f, size_t offset, const struct json_node *within,
		     const char *fmt, ...)
{
	struct found *found = new_finding(f, BERTH_FINDING_ERROR);
	va_list args;

	if (!found)
		return;
	va_start(args, fmt);
	set_text(f, found, fmt, args);
	va_end(args);
	set_place(f, found, within, offset);
}

void finding_of_file(struct findings *f, const char *fmt, ...)
{
	struct found *found = new_finding(f, BERTH_FINDING_ERROR);
	va_list args;

	if (!found)
		return;
	va_start(args, fmt);
	set_text(f, found, fmt, args);
	va_end(args);
}

/* The child that one component of a pointer names, or NULL. */
static const struct json_node *find_child(const struct document *d, const struct json_node *n,
					  const char *name, size_t length)
{
	unsigned long index = 0;

	if (n->type == JSON_OBJECT) {
		for (const struct json_node *m = first_child(n); m; m = next_child(d, m)) {
			struct line l = { 0 };

			put_key(&l, m->key, m->key_length);
			if (l.n == length && memcmp(l.text, name, length) == 0)
				return m;
		}
		return NULL;
	}
	if (n->type != JSON_ARRAY || length == 0 || strspn(name, "0123456789") < length)
		return NULL;
	index = strtoul(name, NULL, 10);
	for (const struct json_node *m = first_child(n); m; m = next_child(d, m))
		if (index-- == 0)
			return m;
	return NULL;
}

/* Where a part comes alone, the file begins with that part. */
static const char *pointer_in_file(const struct findings *f, const char *pointer)
{
	return f->above && text_starts(pointer, f->above) ? pointer + strlen(f->above) : pointer;
}

/* The node that the pointer names or, where there is none, the deepest one on the way. */
static const struct json_node *find_node(const struct findings *f, const char *pointer)
{
	const struct document *d = f->document;
	const struct json_node *n = d->n > 0 ? d->nodes : NULL;

	if (!pointer || !n)
		return n;
	pointer = pointer_in_file(f, pointer);
	while (*pointer == '/') {
		size_t length = strcspn(++pointer, "/");
		const struct json_node *child = find_child(d, n, pointer, length);

		if (!child)
			break;
		n = child;
		pointer += length;
	}
	return n;
}

/* Whether the error is at the pointer's place, below it, or at a value above that should have been
 * an object. */
static bool concerns(const struct findings *f, const struct found *error, const char *pointer)
{
	size_t above = strlen(error->finding.pointer), here = strlen(pointer);
	const char *longer = above > here ? error->finding.pointer : pointer;
	size_t common = above > here ? here : above;

	if (strncmp(error->finding.pointer, pointer, common) != 0)
		return false;
	if (longer[common] != '\0' && longer[common] != '/')
		return false;
	return above >= here || f->document->nodes[error->node].type < JSON_ARRAY;
}

bool findings_has_error(const struct findings *f, const char *pointer)
{
	for (size_t i = 0; i < f->n_decoding; i++)
		if (concerns(f, &f->kept[BERTH_FINDING_ERROR][i], pointer))
			return true;
	return false;
}

void findings_add(struct findings *f, enum berth_finding_level level, const char *pointer,
		  const char *fmt, ...)
{
	struct line l = { 0 };
	const struct json_node *n;
	struct found *found;
	va_list args;

	if (level == BERTH_FINDING_ERROR && pointer && pointer[0] && findings_has_error(f, pointer))
		return;
	found = new_finding(f, level);
	if (!found)
		return;
	va_start(args, fmt);
	set_text(f, found, fmt, args);
	va_end(args);
	n = find_node(f, pointer);
	if (n)
		set_place(f, found, n, n->offset);
	put_text(&l, pointer ? pointer : "");
	found->finding.pointer = keep_line(f, &l);
}

enum berth_finding_level findings_level_beyond(const struct findings *f)
{
	return f->to_run ? BERTH_FINDING_ERROR : BERTH_FINDING_WARNING;
}

void findings_end_decoding(struct findings *f)
{
	size_t n = f->n[BERTH_FINDING_ERROR];

	f->n_decoding = f->without_memory ? 0 : n < FINDINGS_KEPT ? n : FINDINGS_KEPT;
}

const char *findings_pointer(struct findings *f, const char *fmt, ...)
{
	struct line l = { 0 };
	char text[512];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	put_text(&l, text);
	return keep_line(f, &l);
}

const char *findings_member(struct findings *f, const char *parent, const char *key)
{
	struct line l = { 0 };

	put_text(&l, parent);
	put_text(&l, "/");
	put_key(&l, key, strlen(key));
	return keep_line(f, &l);
}

static int compare_places(const void *a, const void *b)
{
	const struct found *x = a, *y = b;

	if ((x->finding.line == 0) != (y->finding.line == 0))
		return x->finding.line == 0 ? 1 : -1;
	if (x->offset != y->offset)
		return x->offset < y->offset ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* One walk through the text for all of them: they are sorted. */
static void set_lines(const struct document *d, struct found *v, size_t n)
{
	unsigned int line = 1;
	size_t begin = 0;

	for (size_t i = 0; i < n && v[i].finding.line > 0; i++) {
		const char *newline;

		while ((newline = memchr(d->text + begin, '\n', v[i].offset - begin))) {
			begin = (size_t)(newline - d->text) + 1;
			line++;
		}
		v[i].finding.line = line;
		v[i].finding.column = (unsigned int)(v[i].offset - begin) + 1;
	}
}

static size_t count_kept(const struct findings *f, enum berth_finding_level level)
{
	return f->n[level] < FINDINGS_KEPT ? f->n[level] : FINDINGS_KEPT;
}

/* Everything kept, in one array, and what is to be said about the rest. */
static struct found *gather(struct findings *f, size_t *ret_n)
{
	static const char *const names[] = {
		[BERTH_FINDING_ERROR] = "error", [BERTH_FINDING_WARNING] = "warning"
	};
	const size_t n_kept[] = { count_kept(f, BERTH_FINDING_ERROR),
				  count_kept(f, BERTH_FINDING_WARNING) };
	struct found *all = arena_array(&f->arena, n_kept[0] + n_kept[1] + 2, sizeof(*all));
	size_t n = 0;

	if (!all)
		return NULL;
	for (unsigned int level = 0; level < ARRAY_SIZE(f->n); level++) {
		size_t kept = n_kept[level];

		if (kept > 0)
			memcpy(all + n, f->kept[level], kept * sizeof(*all));
		n += kept;
		if (f->n[level] == kept)
			continue;
		all[n] = (struct found){ .finding = { .level = level, .pointer = "" },
					 .order = SIZE_MAX };
		all[n].finding.text =
			arena_printf(&f->arena, "and %zu more %s%s", f->n[level] - kept,
				     names[level], f->n[level] - kept == 1 ? "" : "s");
		if (!all[n++].finding.text)
			return NULL;
	}
	*ret_n = n;
	return all;
}

static struct berth_report *make_report(struct findings *f, const char *name)
{
	struct report *r = arena_alloc(&f->arena, sizeof(*r));
	struct berth_finding *findings;
	struct found *all;
	size_t n = 0;

	if (!r || f->without_memory)
		return NULL;
	all = gather(f, &n);
	findings = arena_array(&f->arena, n + 1, sizeof(*findings));
	r->report.file = arena_copy(&f->arena, name, strlen(name));
	if (!all || !findings || !r->report.file)
		return NULL;

	qsort(all, n, sizeof(*all), compare_places);
	set_lines(f->document, all, n);
	for (size_t i = 0; i < n; i++) {
		findings[i] = all[i].finding;
		findings[i].pointer = pointer_in_file(f, findings[i].pointer);
	}
	r->report.n = n;
	r->report.n_errors = f->n[BERTH_FINDING_ERROR];
	r->report.findings = findings;
	r->arena = f->arena;
	f->arena = (struct arena){ 0 };
	return &r->report;
}

static int put_first_error(const struct berth_report *report, struct berth_error *e)
{
	autofree char *text = NULL;
	size_t i = 0;

	while (i < report->n && report->findings[i].level != BERTH_FINDING_ERROR)
		i++;
	text = berth_finding_text(report, i);
	if (!text)
		return fail(e, ENOMEM, "read %s", report->file);
	if (report->n_errors > 1)
		return refuse(e, EINVAL, "%s (and %zu more)", text, report->n_errors - 1);
	return refuse(e, EINVAL, "%s", text);
}

int findings_finish(struct findings *f, const char *name, struct berth_report **ret_report,
		    struct berth_error *e)
{
	struct berth_report *report = make_report(f, name);
	int r = 0;

	findings_drop(f);
	if (!report)
		return fail(e, ENOMEM, "read %s", name);
	if (report->n_errors > 0)
		r = put_first_error(report, e);
	if (ret_report)
		*ret_report = report;
	else
		berth_report_free(report);
	return r;
}

void findings_drop(struct findings *f)
{
	arena_free(&f->arena);
	*f = (struct findings){ 0 };
}

void berth_report_free(struct berth_report *report)
{
	if (report) {
		struct arena arena = ((struct report *)(void *)report)->arena;

		arena_free(&arena);
	}
}

char *berth_finding_text(const struct berth_report *report, size_t i)
{
	const struct berth_finding *v = &report->findings[i];
	const char *colon = v->pointer[0] ? ": " : "";

	if (v->line == 0)
		return text_printf("%s: %s%s%s", report->file, v->pointer, colon, v->text);
	return text_printf("%s:%u:%u: %s%s%s", report->file, v->line, v->column, v->pointer, colon,
			   v->text);
}
