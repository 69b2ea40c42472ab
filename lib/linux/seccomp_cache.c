/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cache is a directory of at most SLOTS files. A file's name comes from a hash of the profile,
 * its content is the profile itself, as bytes, and the program: a program is used only if the whole
 * profile is identical, so two profiles with the same name merely replace each other. Files are
 * written in place: if one is half written, or written by two processes at once, its lengths and
 * its hash do not match.
 *
 * Trust: whoever can write here decides what containers may do. So the directory has to belong to
 * berth's user and be closed to everybody else.
 */
#include "linux/seccomp_cache.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/text.h"
#include "build_config.h"

/* FORMAT: to be raised whenever seccomp_compile() makes another program out of the same profile. */
enum { FORMAT = 2, SLOTS = 64, FILE_MAX = 4 << 20 };

struct header {
	uint64_t key_length, program_length; /* in bytes; they follow in this order */
	uint64_t program_hash;
};

struct key {
	char *bytes;
	size_t length;
};

static void free_key(struct key *k)
{
	free(k->bytes);
}

/* FNV-1a. What it finds is compared, so it need not resist anybody. */
static uint64_t hash(const void *bytes, size_t length)
{
	const unsigned char *at = bytes;
	uint64_t h = 0xcbf29ce484222325;

	for (size_t i = 0; i < length; i++)
		h = (h ^ at[i]) * 0x100000001b3;
	return h;
}

static void put_number(FILE *f, uint64_t n)
{
	(void)fwrite(&n, sizeof(n), 1, f);
}

static void put_rule(FILE *f, const struct seccomp_rule *r)
{
	put_number(f, r->action);
	put_number(f, r->has_errno);
	put_number(f, r->errno_ret);
	put_number(f, r->n_args);
	for (size_t i = 0; i < r->n_args; i++) {
		put_number(f, r->args[i].index);
		put_number(f, r->args[i].op);
		put_number(f, r->args[i].value);
		put_number(f, r->args[i].value_two);
	}
	put_number(f, r->n_names);
	for (size_t i = 0; i < r->n_names; i++)
		(void)fwrite(r->names[i], 1, strlen(r->names[i]) + 1, f);
}

/* All that the program depends on. Lengths stand before what they count, so no two profiles have
 * the same bytes. */
static int make_key(const struct seccomp_profile *p, struct key *ret)
{
	const struct scmp_version *v = seccomp_version();
	FILE *f = open_memstream(&ret->bytes, &ret->length);

	if (!f)
		return -errno;
	(void)fprintf(f, "berth " BERTH_VERSION " format %d, libseccomp %u.%u.%u, architecture %x",
		      FORMAT, v->major, v->minor, v->micro, seccomp_arch_native());
	put_number(f, p->default_action);
	put_number(f, p->has_default_errno);
	put_number(f, p->default_errno);
	put_number(f, p->n_architectures);
	for (size_t i = 0; i < p->n_architectures; i++)
		put_number(f, p->architectures[i]);
	put_number(f, p->n_rules);
	for (size_t i = 0; i < p->n_rules; i++)
		put_rule(f, &p->rules[i]);
	return fclose(f) != 0 ? -ENOMEM : 0;
}

static void name_slot(const struct key *k, char ret[8])
{
	(void)snprintf(ret, 8, "%02u", (unsigned int)(hash(k->bytes, k->length) % SLOTS));
}

static bool is_private(int dir)
{
	struct stat st;

	return fstat(dir, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid() &&
	       (st.st_mode & 0077) == 0;
}

/* The program in that file, if it is this profile's. */
static bool take_program(const char *text, size_t length, const struct key *k,
			 struct sock_filter **ret, size_t *ret_length)
{
	struct header h;
	const char *program;

	if (length < sizeof(h))
		return false;
	memcpy(&h, text, sizeof(h));
	if (h.key_length != k->length || h.program_length % sizeof(**ret) != 0 ||
	    h.program_length == 0 || length - sizeof(h) < k->length ||
	    length - sizeof(h) - k->length != h.program_length)
		return false;
	program = text + sizeof(h) + k->length;
	if (memcmp(text + sizeof(h), k->bytes, k->length) != 0 ||
	    hash(program, h.program_length) != h.program_hash)
		return false;
	*ret = malloc(h.program_length);
	if (!*ret)
		return false;
	memcpy(*ret, program, h.program_length);
	*ret_length = h.program_length / sizeof(**ret);
	return true;
}

static bool find(int dir, const struct key *k, struct sock_filter **ret, size_t *ret_length)
{
	struct berth_error e = { 0 };
	autofree char *text = NULL;
	size_t length;
	char slot[8];

	name_slot(k, slot);
	if (read_file(dir, slot, FILE_MAX, &text, &length, &e) < 0) {
		if (e.code != ENOENT)
			log_debug("seccomp cache: %s", e.text);
		return false;
	}
	return take_program(text, length, k, ret, ret_length);
}

static void keep(int dir, const struct key *k, const struct sock_filter *program, size_t length)
{
	const struct header h = {
		.key_length = k->length,
		.program_length = length * sizeof(*program),
		.program_hash = hash(program, length * sizeof(*program)),
	};
	size_t size = sizeof(h) + h.key_length + h.program_length;
	autofree char *text = malloc(size);
	autoclose int fd = -1;
	char slot[8], *at = text;
	int r;

	if (!text || size > FILE_MAX)
		return;
	at = mempcpy(at, &h, sizeof(h));
	at = mempcpy(at, k->bytes, k->length);
	memcpy(at, program, h.program_length);
	name_slot(k, slot);
	fd = openat(dir, slot, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	r = fd < 0 ? -errno : write_all(fd, text, size);
	if (r < 0)
		log_debug("seccomp cache: write %s: %s", slot, strerror(-r));
}

static int open_directory(const char *path)
{
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return -1;
	return open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Not below $HOME, which more containers have a view of than the runtime directory. */
int seccomp_cache_open(void)
{
	const char *chosen = getenv("BERTH_CACHE"), *runtime_dir = getenv("XDG_RUNTIME_DIR");
	autofree char *path = NULL;
	int fd = -1;

	if (chosen)
		return chosen[0] == '/' ? open_directory(chosen) : -1;
	if (geteuid() == 0)
		fd = open_directory("/var/cache/berth");
	/* Root of a user namespace may have no access to that. */
	if (fd < 0 && runtime_dir && runtime_dir[0] == '/')
		path = text_printf("%s/berth-cache", runtime_dir);
	return path ? open_directory(path) : fd;
}

int seccomp_compile_cached(int dir, const struct seccomp_profile *p,
			   struct sock_filter **ret_program, size_t *ret_length,
			   struct berth_error *e)
{
	cleanup(free_key) struct key k = { 0 };
	bool usable = dir >= 0 && is_private(dir) && make_key(p, &k) == 0;
	int r;

	if (usable && find(dir, &k, ret_program, ret_length))
		return 0;
	r = seccomp_compile_safely(p, ret_program, ret_length, e);
	if (r == 0 && usable)
		keep(dir, &k, *ret_program, *ret_length);
	return r;
}
