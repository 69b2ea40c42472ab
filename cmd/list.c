/* SPDX-License-Identifier: Apache-2.0 */
/*
 * berth list: the table and the JSON of runc, which scripts read. The program is static, so a
 * user's name is looked up in /etc/passwd itself: getpwuid(3) would load the C library's plug-ins
 * at run time.
 */
#include <stdlib.h>
#include <string.h>

#include "command.h"

const struct choice format_choices[] = {
	{ "table", OUTPUT_TABLE },
	{ "json", OUTPUT_JSON },
	{ NULL, 0 },
};

static struct {
	enum output_format format;
	bool quiet;
} request;

static const struct option_row options[] = {
	OPTION_FORMAT(&request.format),
	FLAG("quiet", 'q', &request.quiet, "print only the ids, one per line"),
	OPTIONS_END,
};

enum { COLUMNS = 6, COLUMN_MIN = 12, COLUMN_GAP = 3, LINE_LENGTH = 1024 };

/* A user's name. The last one is kept, because the owners in a list are mostly one. */
struct owner {
	bool known;
	uid_t uid;
	char name[64];
};

/* The fields of passwd(5) are name:password:uid:... */
static bool read_name(FILE *passwd, uid_t uid, char *ret, size_t size)
{
	char line[LINE_LENGTH];

	while (fgets(line, sizeof(line), passwd)) {
		char *name_end = strchr(line, ':');
		char *uid_text = name_end ? strchr(name_end + 1, ':') : NULL;
		char *end = NULL;

		if (!uid_text || uid_text[1] < '0' || uid_text[1] > '9')
			continue;
		if (strtoull(uid_text + 1, &end, 10) != uid || *end != ':')
			continue;
		*name_end = '\0';
		return snprintf(ret, size, "%s", line) < (int)size;
	}
	return false;
}

static const char *find_owner(struct owner *owner, uid_t uid)
{
	if (owner->known && owner->uid == uid)
		return owner->name;

	FILE *passwd = fopen("/etc/passwd", "re");

	if (!passwd || !read_name(passwd, uid, owner->name, sizeof(owner->name)))
		(void)snprintf(owner->name, sizeof(owner->name), "#%u", uid);
	if (passwd)
		(void)fclose(passwd);
	owner->known = true;
	owner->uid = uid;
	return owner->name;
}

static void print_ids(const struct berth_states *states)
{
	for (size_t i = 0; i < states->n; i++)
		(void)puts(states->v[i]->id);
}

/* The cells of one line; those that are not kept elsewhere live in `pid`. */
struct cells {
	const char *v[COLUMNS];
	char pid[16];
};

static void fill_cells(const struct berth_state *s, struct owner *owner, struct cells *ret)
{
	(void)snprintf(ret->pid, sizeof(ret->pid), "%d", s->pid);
	ret->v[0] = s->id;
	ret->v[1] = ret->pid;
	ret->v[2] = berth_status_text(s->status);
	ret->v[3] = s->bundle;
	ret->v[4] = s->created;
	ret->v[5] = find_owner(owner, s->owner);
}

static void widen(size_t *widths, const char *const *cells)
{
	for (size_t i = 0; i < COLUMNS; i++) {
		size_t width = strlen(cells[i]) + COLUMN_GAP;

		if (width > widths[i])
			widths[i] = width;
	}
}

static void print_line(const size_t *widths, const char *const *cells)
{
	for (size_t i = 0; i < COLUMNS; i++) {
		print_plain(stdout, cells[i]);
		if (i + 1 < COLUMNS)
			(void)printf("%*s", (int)(widths[i] - strlen(cells[i])), "");
	}
	(void)putchar('\n');
}

static void print_table(const struct berth_states *states)
{
	static const char *const heads[COLUMNS] = { "ID",     "PID",     "STATUS",
						    "BUNDLE", "CREATED", "OWNER" };
	size_t widths[COLUMNS] = { COLUMN_MIN, COLUMN_MIN, COLUMN_MIN,
				   COLUMN_MIN, COLUMN_MIN, COLUMN_MIN };
	struct owner owner = { 0 };
	struct cells cells;

	for (size_t i = 0; i < states->n; i++) {
		fill_cells(states->v[i], &owner, &cells);
		widen(widths, cells.v);
	}
	print_line(widths, heads);
	for (size_t i = 0; i < states->n; i++) {
		fill_cells(states->v[i], &owner, &cells);
		print_line(widths, cells.v);
	}
}

static void print_member(const char *key, const char *value)
{
	(void)printf(",\"%s\":", key);
	print_json(stdout, value);
}

static void print_annotations(const struct berth_state *s)
{
	if (s->n_annotations == 0)
		return;
	(void)fputs(",\"annotations\":{", stdout);
	for (size_t i = 0; i < s->n_annotations; i++) {
		if (i > 0)
			(void)putchar(',');
		print_json(stdout, s->annotations[i].key);
		(void)putchar(':');
		print_json(stdout, s->annotations[i].value);
	}
	(void)putchar('}');
}

/* runc says null, not [], where there is none. */
static void print_json_list(const struct berth_states *states)
{
	struct owner owner = { 0 };

	(void)fputs(states->n ? "[" : "null", stdout);
	for (size_t i = 0; i < states->n; i++) {
		const struct berth_state *s = states->v[i];

		(void)printf("%s{\"ociVersion\":\"%s\"", i ? "," : "", berth_spec_version());
		print_member("id", s->id);
		(void)printf(",\"pid\":%d", s->pid);
		print_member("status", berth_status_text(s->status));
		print_member("bundle", s->bundle);
		print_member("rootfs", s->rootfs);
		if (*s->created) /* engines read a time there, or nothing */
			print_member("created", s->created);
		print_annotations(s);
		print_member("owner", find_owner(&owner, s->owner));
		(void)putchar('}');
	}
	(void)puts(states->n ? "]" : "");
}

static int run(const struct call *call, struct berth_error *e)
{
	struct berth_states states = { 0 };
	int r = berth_list(call->runtime, &states, e);

	if (r < 0)
		return r;
	if (request.quiet)
		print_ids(&states);
	else if (request.format == OUTPUT_JSON)
		print_json_list(&states);
	else
		print_table(&states);
	berth_states_free(&states);
	return 0;
}

const struct command cmd_list = {
	.name = "list",
	.group = COMMAND_LOOK,
	.summary = "list the containers",
	.arguments = "",
	.options = options,
	.about = "Lists the containers whose state is below --root: id, pid, status, "
		 "bundle, time of creation and owner.",
	.example = "berth list --format json",
	.run = run,
};
