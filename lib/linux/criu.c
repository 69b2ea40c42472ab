/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs criu, a program of the host that is found by the caller's $PATH. $PATH is also its only
 * environment. When it fails, the reason is in its log.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"
#include "linux/criu.h"

enum { LOG_MAX = 64 << 20, LOG_SHOWN = 3 };

void criu_add(struct criu *c, const char *fmt, ...)
{
	autofree char *word = NULL;
	va_list args;
	int n;

	va_start(args, fmt);
	n = vasprintf(&word, fmt, args);
	va_end(args);
	if (n < 0) {
		word = NULL;
		c->incomplete = true;
		return;
	}
	if (c->n < CRIU_WORDS)
		c->words[c->n] = arena_copy(&c->arena, word, (size_t)n);
	if (c->n == CRIU_WORDS || !c->words[c->n])
		c->incomplete = true;
	else
		c->n++;
}

static int make_directory(const char *path, struct berth_error *e)
{
	autofree char *partly = strdup(path);

	if (!partly)
		return fail(e, ENOMEM, "path of a directory");
	for (char *slash = strchr(partly + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		(void)mkdir(partly, 0700); /* that of the last one counts */
		*slash = '/';
	}
	return mkdir(path, 0700) < 0 && errno != EEXIST ? fail(e, errno, "make directory %s", path)
							: 0;
}

static int find_directory(struct criu *c, const char *path, bool make, const char **ret,
			  struct berth_error *e)
{
	char real[PATH_MAX];
	int r = make ? make_directory(path, e) : 0;

	if (r < 0)
		return r;
	if (!realpath(path, real))
		return fail(e, errno, "find directory %s", path);
	*ret = arena_copy(&c->arena, real, strlen(real));
	return *ret ? 0 : fail(e, ENOMEM, "path of a directory");
}

static void add_options(struct criu *c, const struct berth_criu *o)
{
	static const char *const cgroups[] = { "soft", "full", "strict", "ignore" };
	const struct {
		bool set;
		const char *word;
	} flags[] = {
		{ o->tcp_established, "--tcp-established" },
		{ o->external_unix_sockets, "--ext-unix-sk" },
		{ o->shell_job, "--shell-job" },
		{ o->file_locks, "--file-locks" },
		{ o->auto_dedup, "--auto-dedup" },
		{ o->lazy_pages, "--lazy-pages" },
		{ o->empty_network, "--empty-ns=net" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		if (flags[i].set)
			criu_add(c, "%s", flags[i].word);
	}
	criu_add(c, "--manage-cgroups=%s", cgroups[o->cgroups]);
}

int criu_begin(struct criu *c, const char *command, const struct berth_criu *o, bool make,
	       struct berth_error *e)
{
	const char *images = o->image_path ? o->image_path : "checkpoint";
	int r;

	*c = (struct criu){ 0 };
	r = find_directory(c, images, make, &c->images, e);
	/* The log is written even where images are only read. */
	if (r == 0)
		r = find_directory(c, o->work_path ? o->work_path : images, true, &c->work, e);
	if (r < 0)
		return r;
	c->log = text_equal(command, "restore") ? "restore.log" : "dump.log";
	criu_add(c, "criu");
	criu_add(c, "%s", command);
	criu_add(c, "--images-dir=%s", c->images);
	criu_add(c, "--work-dir=%s", c->work);
	criu_add(c, "--log-file=%s", c->log);
	criu_add(c, "-v4");
	add_options(c, o);
	return 0;
}

static int find_program(const char *name, char **ret, struct berth_error *e)
{
	const char *path = getenv("PATH");
	autofree char *places = strdup(
		path && *path ? path
			      : "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	char *rest = places, *place;

	if (name && strchr(name, '/')) {
		*ret = strdup(name);
		return *ret ? 0 : fail(e, ENOMEM, "path of criu");
	}
	while (places && (place = strsep(&rest, ":"))) {
		autofree char *candidate = text_printf("%s/%s", place, name ? name : "criu");

		if (candidate && place[0] == '/' && access(candidate, X_OK) == 0) {
			*ret = TAKE(candidate);
			return 0;
		}
	}
	return refuse(e, ENOENT,
		      "there is no program %s in $PATH, which does the work: install CRIU (package "
		      "criu), or name it with --criu",
		      name ? name : "criu");
}

/* "(00.064011) Error (criu/mount.c:753): mnt: ...": the first few say what it was, the others what
 * it led to. */
static void quote_log(const struct criu *c, struct berth_error *e)
{
	autoclose int dir = open(c->work, O_PATH | O_DIRECTORY | O_CLOEXEC);
	autofree char *text = NULL;
	struct berth_error ignored = { 0 };
	char *rest, *line;
	size_t length;
	int shown = 0;

	if (dir < 0 || read_file(dir, c->log, LOG_MAX, &text, &length, &ignored) < 0)
		return;
	rest = text;
	while (shown < LOG_SHOWN && (line = strsep(&rest, "\n"))) {
		const char *found = strstr(line, "Error (");

		/* It goes on without that: it is for more open files than anybody has. */
		if (!found || strstr(found, "RLIMIT_NOFILE"))
			continue;
		if (refuse(e, e->code, "%s; %s", e->text, found) < 0)
			shown++;
	}
	advise(e, "the whole log is %s/%s", c->work, c->log);
}

int criu_run(struct criu *c, const char *program, const struct command *base, struct berth_error *e)
{
	const char *path = getenv("PATH");
	autofree char *variable =
		text_printf("PATH=%s", path ? path : "/usr/sbin:/usr/bin:/sbin:/bin");
	autofree char *found = NULL;
	char *const env[] = { variable, NULL };
	struct command command = *base;
	int r = find_program(program, &found, e);

	if (r < 0)
		return r;
	if (c->incomplete || !variable)
		return refuse(e, E2BIG, "the command line of criu is too long");
	command.fd = -1;
	command.path = found;
	command.args = (char *const *)(uintptr_t)c->words;
	command.env = env;
	command.keep = c->keep;
	command.n_keep = c->n_keep;
	r = command_run(&command, e);
	if (r == -EIO)
		quote_log(c, e);
	return r;
}

void criu_free(struct criu *c)
{
	arena_free(&c->arena);
}
