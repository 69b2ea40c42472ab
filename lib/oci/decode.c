/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a file or a text, decodes and checks it, and answers small questions about the resulting
 * configuration. The text may contain anything; the path is the caller's.
 */
#include <fcntl.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/fd.h"
#include "oci/check.h"
#include "oci/document.h"
#include "oci/json.h"
#include "oci/tables.h"

const struct word hook_words[] = {
	{ "prestart", HOOK_PRESTART },
	{ "createRuntime", HOOK_CREATE_RUNTIME },
	{ "createContainer", HOOK_CREATE_CONTAINER },
	{ "startContainer", HOOK_START_CONTAINER },
	{ "poststart", HOOK_POSTSTART },
	{ "poststop", HOOK_POSTSTOP },
	{ NULL, 0 },
};

static const struct config_linux no_linux;

static void free_config(struct berth_config **c)
{
	berth_config_free(*c);
}
#define autofree_config cleanup(free_config)

static void *place_config(struct berth_config *c)
{
	return c;
}

static void *place_process(struct berth_config *c)
{
	struct config_process *process = arena_alloc(&c->arena, sizeof(*process));

	c->process = process;
	return process;
}

static void *place_resources(struct berth_config *c)
{
	struct config_linux *lin = arena_alloc(&c->arena, sizeof(*lin));
	struct cgroup_resources *resources = arena_alloc(&c->arena, sizeof(*resources));

	if (!lin || !resources)
		return NULL;
	lin->resources = resources;
	c->lin = lin;
	return resources;
}

/* The rules are Linux's: a configuration for another system has its one error already. */
static void check_config(const struct berth_config *c, struct findings *f)
{
	static const char *const foreign[] = { "/solaris", "/windows", "/zos", "/freebsd" };

	for (size_t i = 0; i < ARRAY_SIZE(foreign); i++)
		if (findings_has_error(f, foreign[i]))
			return;
	config_check(c, f);
}

/* A configuration, or a part of one that comes alone. */
struct kind {
	const struct json_table *table;
	const char *above;                      /* where the part stands in a configuration */
	void *(*place)(struct berth_config *c); /* what the table fills; NULL without memory */
	void (*check)(const struct berth_config *c, struct findings *f);
};
static const struct kind whole = { &config_table, "", place_config, check_config };
static const struct kind process = { &process_table, "/process", place_process,
				     config_check_process };
static const struct kind resources = { &resources_table, "/linux/resources", place_resources,
				       config_check_resources };

struct input {
	const char *text;
	size_t length;
	const char *name;
	bool strict, to_run;
};

static int decode(const struct kind *kind, const struct input *in, struct berth_config **ret,
		  struct berth_report **ret_report, struct berth_error *e)
{
	autofree_config struct berth_config *c = calloc(1, sizeof(*c));
	struct json_request q = {
		.length = in->length, .name = in->name, .strict = in->strict, .to_run = in->to_run
	};
	int r;

	if (!c)
		return fail(e, ENOMEM, "read %s", in->name);
	c->lin = &no_linux;
	c->text = q.text = arena_copy(&c->arena, in->text, in->length);
	c->text_length = in->length;
	q.above = kind->above;
	q.table = kind->table;
	q.object = kind->place(c);
	q.arena = &c->arena;
	q.config = c;
	q.check = kind->check;
	if (!c->text || !q.object)
		return fail(e, ENOMEM, "read %s", in->name);

	r = json_decode(&q, ret_report, e);
	if (r == 0)
		*ret = TAKE(c);
	return r;
}

int config_decode(const char *text, size_t length, const char *name, bool strict,
		  struct berth_config **ret, struct berth_report **ret_report,
		  struct berth_error *e)
{
	return decode(&whole, &(struct input){ text, length, name, strict, false }, ret, ret_report,
		      e);
}

int config_decode_process(const char *text, size_t length, const char *name, bool strict,
			  struct berth_config **ret, struct berth_report **ret_report,
			  struct berth_error *e)
{
	return decode(&process, &(struct input){ text, length, name, strict, true }, ret,
		      ret_report, e);
}

int config_decode_resources(const char *text, size_t length, const char *name, bool strict,
			    struct berth_config **ret, struct berth_report **ret_report,
			    struct berth_error *e)
{
	return decode(&resources, &(struct input){ text, length, name, strict, true }, ret,
		      ret_report, e);
}

/* O_NONBLOCK: opening a fifo must not wait for a writer. */
static int open_file(const char *path, int *ret_fd, mode_t *ret_type, struct berth_error *e)
{
	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0) {
		int r = fail(e, errno, "open %s", path);

		if (r == -ENOENT || r == -ENOTDIR)
			advise(e, "a bundle is a directory with a config.json in it");
		return r;
	}
	if (fstat(fd, &st) < 0)
		return fail(e, errno, "examine %s", path);
	*ret_fd = take_fd(&fd);
	*ret_type = st.st_mode & S_IFMT;
	return 0;
}

/* How the configuration's file is called: `path`, or within it where it is a bundle. malloc'd; NULL
 * without memory. */
static char *name_file(const char *path, bool bundle)
{
	if (!bundle)
		return strdup(path);
	return text_equal(path, ".") ? strdup("config.json") : text_printf("%s/config.json", path);
}

static int open_config(const char *path, bool may_be_bundle, int *ret_fd, char **ret_name,
		       struct berth_error *e)
{
	autofree char *name = NULL;
	autoclose int fd = -1;
	mode_t type = 0;
	bool bundle;
	int r;

	r = open_file(path, &fd, &type, e);
	if (r < 0)
		return r;
	bundle = may_be_bundle && type == S_IFDIR;
	name = name_file(path, bundle);
	if (!name)
		return fail(e, ENOMEM, "open %s", path);
	if (bundle) {
		close_fd(&fd);
		r = open_file(name, &fd, &type, e);
		if (r < 0)
			return r;
	}
	if (type != S_IFREG)
		return refuse(e, EINVAL, "%s is %s", name,
			      type == S_IFDIR ? "a directory" : "not a regular file");
	*ret_fd = take_fd(&fd);
	*ret_name = TAKE(name);
	return 0;
}

/* What is to run is in a file; what is looked at may be named by its bundle, too. */
static int load(const char *path, bool to_run, bool strict, struct berth_config **ret,
		struct berth_report **ret_report, struct berth_error *e)
{
	autofree char *name = NULL, *text = NULL;
	autoclose int fd = -1;
	size_t length;
	int r;

	r = open_config(path, !to_run, &fd, &name, e);
	if (r < 0)
		return r;
	r = read_whole(fd, CONFIG_SIZE_MAX, name, &text, &length, e);
	if (r < 0)
		return r;
	return decode(&whole, &(struct input){ text, length, name, strict, to_run }, ret,
		      ret_report, e);
}

int config_load_file(const char *path, bool strict, struct berth_config **ret,
		     struct berth_report **ret_report, struct berth_error *e)
{
	return load(path, true, strict, ret, ret_report, e);
}

int berth_config_load(const char *path, bool strict, struct berth_config **ret_config,
		      struct berth_report **ret_report, struct berth_error *e)
{
	return load(path, false, strict, ret_config, ret_report, e);
}

void berth_config_free(struct berth_config *config)
{
	if (!config)
		return;
	arena_free(&config->arena);
	free(config);
}

const struct namespace_spec *config_namespace(const struct berth_config *c, int type)
{
	for (size_t i = 0; i < c->lin->namespaces.n; i++)
		if (c->lin->namespaces.v[i].type == type)
			return &c->lin->namespaces.v[i];
	return NULL;
}

bool config_new_namespace(const struct berth_config *c, int type)
{
	const struct namespace_spec *n = config_namespace(c, type);

	return n && !n->path;
}

uint64_t config_clone_flags(const struct berth_config *c)
{
	uint64_t flags = 0;

	for (size_t i = 0; i < c->lin->namespaces.n; i++)
		if (!c->lin->namespaces.v[i].path)
			flags |= (unsigned int)c->lin->namespaces.v[i].type;
	return flags;
}

bool config_joins(const struct berth_config *c)
{
	for (size_t i = 0; i < c->lin->namespaces.n; i++)
		if (c->lin->namespaces.v[i].path)
			return true;
	return false;
}
