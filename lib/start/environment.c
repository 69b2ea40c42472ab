/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Building the program's environment. Trust: /etc/passwd is the image's and hostile: only a regular
 * file is opened at all (opening a fifo or a device can have effects), its size is bounded, and a
 * malformed line counts as absent.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/number.h"
#include "base/path.h"
#include "start/environment.h"

enum { PASSWD_MAX = 1 << 20 };

/* The sixth field of the line whose third is the uid (passwd(5)). Cuts the text up. */
static char *find_home(char *passwd, uint32_t uid)
{
	char *line, *rest = passwd;

	while ((line = strsep(&rest, "\n"))) {
		char *field[7] = { NULL };
		uint32_t id;

		for (size_t i = 0; i < ARRAY_SIZE(field) && line; i++)
			field[i] = strsep(&line, ":");
		if (field[5] && field[2] && parse_u32(field[2], &id) == 0 && id == uid &&
		    field[5][0] == '/')
			return field[5];
	}
	return NULL;
}

static int open_passwd(const struct environment_request *r)
{
	struct berth_error ignored = { 0 };
	autoclose int found = -1;
	struct stat st;
	char self[32];

	if (open_in_root(r->root, "etc/passwd", O_PATH, &found, &ignored) < 0 ||
	    fstat(found, &st) < 0 || !S_ISREG(st.st_mode))
		return -1;
	(void)snprintf(self, sizeof(self), "self/fd/%d", found);
	return openat(r->proc, self, O_RDONLY | O_CLOEXEC);
}

static char *home_entry(const struct environment_request *r)
{
	struct berth_error ignored = { 0 };
	autoclose int fd = open_passwd(r);
	autofree char *passwd = NULL;
	char *home = NULL;
	size_t length;

	if (fd >= 0 && read_whole(fd, PASSWD_MAX, "/etc/passwd", &passwd, &length, &ignored) == 0)
		home = find_home(passwd, r->uid);
	return text_printf("HOME=%s", home ? home : "/");
}

/* The list being built, and where each name stands in it: a hash table with open addressing, never
 * more than half full. */
struct environment {
	char **v;
	size_t n;
	size_t *slots, n_slots; /* index into v plus one; 0 is free */
};

static size_t name_length(const char *entry)
{
	return strcspn(entry, "=");
}

static size_t *find_slot(const struct environment *env, const char *entry)
{
	size_t length = name_length(entry), hash = 5381, i;

	for (i = 0; i < length; i++)
		hash = hash * 33 ^ (unsigned char)entry[i];
	for (i = hash % env->n_slots; env->slots[i]; i = (i + 1) % env->n_slots) {
		const char *other = env->v[env->slots[i] - 1];

		if (name_length(other) == length && memcmp(other, entry, length) == 0)
			break;
	}
	return &env->slots[i];
}

static void put(struct environment *env, char *entry)
{
	size_t *slot = find_slot(env, entry);

	if (*slot) {
		env->v[*slot - 1] = entry;
	} else {
		env->v[env->n++] = entry;
		*slot = env->n;
	}
}

static int add_own(struct environment *env, const struct environment_request *r)
{
	char *own[4] = { NULL };
	size_t n = 0, *home = find_slot(env, "HOME=");

	if (!*home || env->v[*home - 1][sizeof("HOME=") - 1] == '\0')
		own[n++] = home_entry(r);
	if (r->n_listen_fds) {
		own[n++] = text_printf("LISTEN_FDS=%u", r->n_listen_fds);
		own[n++] = text_printf("LISTEN_PID=%d", (int)getpid());
	}
	if (r->notify)
		own[n++] = strdup(r->notify);
	for (size_t i = 0; i < n; i++) {
		if (!own[i])
			return -ENOMEM;
		put(env, own[i]);
	}
	return 0;
}

int environment_build(const struct environment_request *r, char ***ret, struct berth_error *e)
{
	const struct strings *configured = r->configured;
	size_t most = configured->n + 5;
	autofree char **v = calloc(most, sizeof(*v));
	autofree size_t *slots = calloc(2 * most, sizeof(*slots));
	struct environment env = { .v = v, .slots = slots, .n_slots = 2 * most };

	if (!v || !slots)
		return fail(e, ENOMEM, "environment");
	for (size_t i = 0; i < configured->n; i++)
		put(&env, (char *)configured->v[i]);
	if (add_own(&env, r) < 0)
		return fail(e, ENOMEM, "environment");
	*ret = TAKE(v);
	return 0;
}

unsigned int environment_listen_fds(void)
{
	const char *fds = getenv("LISTEN_FDS"), *pid = getenv("LISTEN_PID");
	uint32_t n;
	int for_whom;

	if (!fds || parse_u32(fds, &n) < 0 || n > 1024)
		return 0;
	if (pid && (parse_int(pid, &for_whom) < 0 || for_whom != getpid()))
		return 0;
	return n;
}
