/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The option list of a mount, word by word, with the meaning that mount(8) and config.md give. The
 * list comes from config.json, whose writer is trusted; nothing here touches the system.
 *
 * Two pairs of masks come out: attr_* for the mount itself, rattr_* for it and all below it. The
 * recursive pair is applied first. A recursive word cancels an earlier plain word about the same
 * flag, so that the later word wins for the mount itself in either order: "rro,rw" leaves the top
 * writable, "rw,rro" does not.
 */
#include "linux/mount_options.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#include "base/text.h"

#ifndef MOUNT_ATTR_NOSYMFOLLOW
#define MOUNT_ATTR_NOSYMFOLLOW 0x00200000
#endif

enum kind {
	NOTHING, /* accepted, says nothing */
	SET,     /* a MOUNT_ATTR_* flag */
	CLEAR,
	ATIME,     /* a value of the MOUNT_ATTR__ATIME field */
	NOT_ATIME, /* takes back that value */
	RSET,      /* the same for the whole tree */
	RCLEAR,
	RATIME,
	NOT_RATIME,
	READ_ONLY, /* both the mount and, where it is a new one, the file system */
	READ_WRITE,
	SUPER, /* a MS_* flag of the file system */
	NOT_SUPER,
	PROPAGATION, /* MS_SHARED, ... */
	RPROPAGATION,
	BIND,
	RBIND,
	REMOUNT,
	COPY_UP,
	IDMAP,
	RIDMAP,
};

/* Sorted by name: it is searched by halves. X(name, kind, value) */
#define OPTIONS(X)                                              \
	X("acl", SUPER, MS_POSIXACL)                            \
	X("async", NOT_SUPER, MS_SYNCHRONOUS)                   \
	X("atime", NOT_ATIME, MOUNT_ATTR_NOATIME)               \
	X("bind", BIND, 0)                                      \
	X("copy-up", COPY_UP, 0)                                \
	X("defaults", NOTHING, 0)                               \
	X("dev", CLEAR, MOUNT_ATTR_NODEV)                       \
	X("diratime", CLEAR, MOUNT_ATTR_NODIRATIME)             \
	X("dirsync", SUPER, MS_DIRSYNC)                         \
	X("exec", CLEAR, MOUNT_ATTR_NOEXEC)                     \
	X("idmap", IDMAP, 0)                                    \
	X("iversion", SUPER, MS_I_VERSION)                      \
	X("lazytime", SUPER, MS_LAZYTIME)                       \
	X("loud", NOT_SUPER, MS_SILENT)                         \
	X("mand", SUPER, MS_MANDLOCK)                           \
	X("noacl", NOT_SUPER, MS_POSIXACL)                      \
	X("noatime", ATIME, MOUNT_ATTR_NOATIME)                 \
	X("nodev", SET, MOUNT_ATTR_NODEV)                       \
	X("nodiratime", SET, MOUNT_ATTR_NODIRATIME)             \
	X("noexec", SET, MOUNT_ATTR_NOEXEC)                     \
	X("noiversion", NOT_SUPER, MS_I_VERSION)                \
	X("nolazytime", NOT_SUPER, MS_LAZYTIME)                 \
	X("nomand", NOT_SUPER, MS_MANDLOCK)                     \
	X("norelatime", NOT_ATIME, MOUNT_ATTR_RELATIME)         \
	X("nostrictatime", NOT_ATIME, MOUNT_ATTR_STRICTATIME)   \
	X("nosuid", SET, MOUNT_ATTR_NOSUID)                     \
	X("nosymfollow", SET, MOUNT_ATTR_NOSYMFOLLOW)           \
	X("private", PROPAGATION, MS_PRIVATE)                   \
	X("ratime", NOT_RATIME, MOUNT_ATTR_NOATIME)             \
	X("rbind", RBIND, 0)                                    \
	X("rdev", RCLEAR, MOUNT_ATTR_NODEV)                     \
	X("rdiratime", RCLEAR, MOUNT_ATTR_NODIRATIME)           \
	X("relatime", ATIME, MOUNT_ATTR_RELATIME)               \
	X("remount", REMOUNT, 0)                                \
	X("rexec", RCLEAR, MOUNT_ATTR_NOEXEC)                   \
	X("ridmap", RIDMAP, 0)                                  \
	X("rnoatime", RATIME, MOUNT_ATTR_NOATIME)               \
	X("rnodev", RSET, MOUNT_ATTR_NODEV)                     \
	X("rnodiratime", RSET, MOUNT_ATTR_NODIRATIME)           \
	X("rnoexec", RSET, MOUNT_ATTR_NOEXEC)                   \
	X("rnorelatime", NOT_RATIME, MOUNT_ATTR_RELATIME)       \
	X("rnostrictatime", NOT_RATIME, MOUNT_ATTR_STRICTATIME) \
	X("rnosuid", RSET, MOUNT_ATTR_NOSUID)                   \
	X("rnosymfollow", RSET, MOUNT_ATTR_NOSYMFOLLOW)         \
	X("ro", READ_ONLY, MOUNT_ATTR_RDONLY)                   \
	X("rprivate", RPROPAGATION, MS_PRIVATE)                 \
	X("rrelatime", RATIME, MOUNT_ATTR_RELATIME)             \
	X("rro", RSET, MOUNT_ATTR_RDONLY)                       \
	X("rrw", RCLEAR, MOUNT_ATTR_RDONLY)                     \
	X("rshared", RPROPAGATION, MS_SHARED)                   \
	X("rslave", RPROPAGATION, MS_SLAVE)                     \
	X("rstrictatime", RATIME, MOUNT_ATTR_STRICTATIME)       \
	X("rsuid", RCLEAR, MOUNT_ATTR_NOSUID)                   \
	X("rsymfollow", RCLEAR, MOUNT_ATTR_NOSYMFOLLOW)         \
	X("runbindable", RPROPAGATION, MS_UNBINDABLE)           \
	X("rw", READ_WRITE, MOUNT_ATTR_RDONLY)                  \
	X("shared", PROPAGATION, MS_SHARED)                     \
	X("silent", SUPER, MS_SILENT)                           \
	X("slave", PROPAGATION, MS_SLAVE)                       \
	X("strictatime", ATIME, MOUNT_ATTR_STRICTATIME)         \
	X("suid", CLEAR, MOUNT_ATTR_NOSUID)                     \
	X("symfollow", CLEAR, MOUNT_ATTR_NOSYMFOLLOW)           \
	X("sync", SUPER, MS_SYNCHRONOUS)                        \
	X("tmpcopyup", COPY_UP, 0)                              \
	X("unbindable", PROPAGATION, MS_UNBINDABLE)

struct option {
	const char *name;
	enum kind kind;
	uint64_t value;
};

#define OPTION_ROW(name, kind, value)  { name, kind, value },
#define OPTION_WORD(name, kind, value) { name, 0 },

static const struct option options[] = { OPTIONS(OPTION_ROW) };
const struct word mount_option_words[] = { OPTIONS(OPTION_WORD){ NULL, 0 } };

static int compare_option(const void *name, const void *option)
{
	return strcmp(name, ((const struct option *)option)->name);
}

/* A pair of masks, plain or recursive. */
struct masks {
	uint64_t *set, *clear;
};

static void set_flag(struct masks m, uint64_t flag)
{
	*m.set |= flag;
	*m.clear &= ~flag;
}

static void clear_flag(struct masks m, uint64_t flag)
{
	*m.set &= ~flag;
	*m.clear |= flag;
}

/* The access time is a field of three values, not a flag: to change it, mount_setattr(2) wants the
 * whole of it in attr_clr. */
static void set_atime(struct masks m, uint64_t value)
{
	*m.clear |= MOUNT_ATTR__ATIME;
	*m.set = (*m.set & ~(uint64_t)MOUNT_ATTR__ATIME) | value;
}

/*
 * "atime" and "nostrictatime" leave what remains: relatime, the kernel's default since
 * Linux 2.6.30. "norelatime" has no value of its own to ask for (config.md's other words have), so
 * all it does is take back an earlier "relatime".
 */
static void unset_atime(struct masks m, uint64_t value)
{
	bool asked = (*m.clear & MOUNT_ATTR__ATIME) != 0;

	if (asked && (*m.set & MOUNT_ATTR__ATIME) != value)
		return;
	if (value != MOUNT_ATTR_RELATIME)
		set_atime(m, MOUNT_ATTR_RELATIME);
	else
		*m.clear &= ~(uint64_t)MOUNT_ATTR__ATIME;
}

static void forget_flag(struct masks m, uint64_t flag)
{
	*m.set &= ~flag;
	*m.clear &= ~flag;
}

static void set_super(struct mount_spec *m, uint64_t flag)
{
	m->super_flags |= flag;
	m->super_clear &= ~flag;
}

static void clear_super(struct mount_spec *m, uint64_t flag)
{
	m->super_flags &= ~flag;
	m->super_clear |= flag;
}

/* What an earlier plain word said and this recursive one takes back. */
static void forget_plain(struct mount_spec *m, const struct option *o)
{
	struct masks plain = { &m->attr_set, &m->attr_clear };

	if (o->kind == RSET || o->kind == RCLEAR)
		forget_flag(plain, o->value);
	else if (o->kind == RATIME ||
		 (o->kind == NOT_RATIME && (m->attr_set & MOUNT_ATTR__ATIME) == o->value))
		forget_flag(plain, MOUNT_ATTR__ATIME);
	else if (o->kind == RPROPAGATION)
		m->propagation[0] = 0;
}

static void apply_option(struct mount_spec *m, const struct option *o)
{
	struct masks plain = { &m->attr_set, &m->attr_clear };
	struct masks tree = { &m->rattr_set, &m->rattr_clear };

	forget_plain(m, o);
	switch (o->kind) {
	case NOTHING:
		return;
	case READ_ONLY:
		set_super(m, MS_RDONLY);
		return set_flag(plain, o->value);
	case READ_WRITE:
		clear_super(m, MS_RDONLY);
		return clear_flag(plain, o->value);
	case SET:
		return set_flag(plain, o->value);
	case CLEAR:
		return clear_flag(plain, o->value);
	case ATIME:
		return set_atime(plain, o->value);
	case NOT_ATIME:
		return unset_atime(plain, o->value);
	case RSET:
		return set_flag(tree, o->value);
	case RCLEAR:
		return clear_flag(tree, o->value);
	case RATIME:
		return set_atime(tree, o->value);
	case NOT_RATIME:
		return unset_atime(tree, o->value);
	case SUPER:
		return set_super(m, o->value);
	case NOT_SUPER:
		return clear_super(m, o->value);
	case PROPAGATION:
		m->propagation[0] = o->value;
		return;
	case RPROPAGATION:
		m->propagation[1] = o->value;
		return;
	case RBIND:
		m->recursive_bind = true;
		__attribute__((fallthrough));
	case BIND:
		m->bind = true;
		return;
	case REMOUNT:
		m->remount = true;
		return;
	case COPY_UP:
		m->copy_up = true;
		return;
	case RIDMAP:
		m->recursive_idmap = true;
		__attribute__((fallthrough));
	case IDMAP:
		m->idmap = true;
		return;
	}
}

/* The length of the first option in the text: up to a comma that neither stands in double quotes
 * nor behind a backslash (overlay's way). */
static size_t option_length(const char *text)
{
	bool quoted = false;
	size_t i;

	for (i = 0; text[i]; i++) {
		if (text[i] == '\\' && text[i + 1])
			i++;
		else if (text[i] == '"')
			quoted = !quoted;
		else if (text[i] == ',' && !quoted)
			break;
	}
	return i;
}

/*
 * mount(2) has the quotes around an SELinux context taken off by the security module as it takes
 * the option string apart. With fsconfig(2) nothing is taken apart and the quotes would become part
 * of the context.
 */
static void strip_quotes(char *option)
{
	static const char *const keys[] = { "context=", "fscontext=", "defcontext=",
					    "rootcontext=" };

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		size_t key = strlen(keys[i]), length = strlen(option);

		if (strncmp(option, keys[i], key) != 0 || length < key + 2 || option[key] != '"' ||
		    option[length - 1] != '"')
			continue;
		memmove(option + key, option + key + 1, length - key - 2);
		option[length - 2] = '\0';
		return;
	}
}

static bool is_comment(const char *option)
{
	return strncmp(option, "x-", 2) == 0 || strncmp(option, "X-", 2) == 0;
}

static int parse_option(struct arena *a, struct mount_spec *m, const char *text, size_t length,
			struct berth_error *e)
{
	const struct option *o;
	char *option = arena_copy(a, text, length);

	if (!option)
		return fail(e, ENOMEM, "read the mount options of %s", m->destination);
	if (length == 0 || is_comment(option))
		return 0;
	o = bsearch(option, options, ARRAY_SIZE(options), sizeof(options[0]), compare_option);
	if (o) {
		apply_option(m, o);
		return 0;
	}
	if (strncmp(option, "idmap=", 6) == 0 || strncmp(option, "ridmap=", 7) == 0) {
		refuse(e, EINVAL, "mount option %s is not supported", option);
		advise(e, "give the mapping as uidMappings and gidMappings of the mount");
		return -EINVAL;
	}
	strip_quotes(option);
	m->data[m->n_data++] = option;
	return 0;
}

static void clear_derived(struct mount_spec *m)
{
	struct mount_spec fresh = { .destination = m->destination,
				    .type = m->type,
				    .source = m->source,
				    .n_options = m->n_options,
				    .options = m->options,
				    .uids = m->uids,
				    .gids = m->gids };

	*m = fresh;
}

int mount_options_parse(struct arena *a, struct mount_spec *m, struct berth_error *e)
{
	size_t most = 0;

	clear_derived(m);
	for (size_t i = 0; i < m->n_options; i++) {
		most++;
		for (const char *c = m->options[i]; *c; c++)
			most += *c == ',';
	}
	if (most == 0)
		return 0;
	m->data = arena_array(a, most, sizeof(m->data[0]));
	if (!m->data)
		return fail(e, ENOMEM, "read the mount options of %s", m->destination);
	for (size_t i = 0; i < m->n_options; i++) {
		const char *at = m->options[i];

		for (;;) {
			size_t length = option_length(at);
			int r = parse_option(a, m, at, length, e);

			if (r < 0)
				return r;
			if (!at[length])
				break;
			at += length + 1;
		}
	}
	return 0;
}
