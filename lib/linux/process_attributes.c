/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Limits, OOM score, keyring, personality and ids of the process about to be executed. All values
 * come from the configuration.
 */
#include "linux/process_attributes.h"

#include <grp.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "linux/capabilities.h"

const struct word rlimit_words[] = {
	{ "RLIMIT_AS", RLIMIT_AS },
	{ "RLIMIT_CORE", RLIMIT_CORE },
	{ "RLIMIT_CPU", RLIMIT_CPU },
	{ "RLIMIT_DATA", RLIMIT_DATA },
	{ "RLIMIT_FSIZE", RLIMIT_FSIZE },
	{ "RLIMIT_LOCKS", RLIMIT_LOCKS },
	{ "RLIMIT_MEMLOCK", RLIMIT_MEMLOCK },
	{ "RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE },
	{ "RLIMIT_NICE", RLIMIT_NICE },
	{ "RLIMIT_NOFILE", RLIMIT_NOFILE },
	{ "RLIMIT_NPROC", RLIMIT_NPROC },
	{ "RLIMIT_RSS", RLIMIT_RSS },
	{ "RLIMIT_RTPRIO", RLIMIT_RTPRIO },
	{ "RLIMIT_RTTIME", RLIMIT_RTTIME },
	{ "RLIMIT_SIGPENDING", RLIMIT_SIGPENDING },
	{ "RLIMIT_STACK", RLIMIT_STACK },
	{ NULL, 0 },
};

const struct word personality_words[] = {
	{ "LINUX", PER_LINUX },
	{ "LINUX32", PER_LINUX32 },
	{ NULL, 0 },
};

/* "unlimited", or the number. */
static const char *write_limit(uint64_t limit, char text[24])
{
	if (limit == RLIM64_INFINITY)
		return "unlimited";
	(void)snprintf(text, 24, "%" PRIu64, limit);
	return text;
}

static void advise_rlimit(const struct rlimit_spec *r, int err, struct berth_error *e)
{
	struct rlimit64 own;
	char text[24];

	if (err == EINVAL && r->soft > r->hard)
		advise(e, "the soft limit is above the hard limit");
	if (err != EPERM || prlimit64(0, (enum __rlimit_resource)r->resource, NULL, &own) < 0)
		return;
	if (r->hard > own.rlim_max)
		advise(e, "berth's own hard limit is %s; a higher one takes CAP_SYS_RESOURCE",
		       write_limit(own.rlim_max, text));
	else if (r->resource == RLIMIT_NOFILE)
		advise(e, "no more than the sysctl fs.nr_open");
}

int rlimit_apply(const struct rlimit_spec *r, struct berth_error *e)
{
	struct rlimit64 limit = { r->soft, r->hard };
	char soft[24], hard[24];

	if (prlimit64(0, (enum __rlimit_resource)r->resource, &limit, NULL) == 0)
		return 0;

	int err = errno;
	const char *name = word_of(rlimit_words, r->resource);

	fail(e, err, "set %s to %s, hard limit %s", name ? name : "resource limit",
	     write_limit(r->soft, soft), write_limit(r->hard, hard));
	advise_rlimit(r, err, e);
	return -err;
}

int oom_score_apply(int proc, pid_t pid, int score, struct berth_error *e)
{
	char path[32], text[16];
	int length = snprintf(text, sizeof(text), "%d", score);

	(void)snprintf(path, sizeof(path), "%d/oom_score_adj", (int)pid);

	int r = write_file(proc, path, text, (size_t)length, e);

	if (r == -EACCES)
		advise(e, "a score below berth's own takes CAP_SYS_RESOURCE");
	else if (r == -EINVAL)
		advise(e, "it ranges from -1000 to 1000");
	return r < 0 ? in_context(e, r, "set the OOM score to %d", score) : 0;
}

/*
 * Without a name: by a name the kernel finds any keyring that lets us search it. A process of
 * another container, which has our uid if there is no user namespace, could have made one for us to
 * join, and would read what this container keeps in it.
 */
int keyring_new(struct berth_error *e)
{
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) >= 0)
		return 0;
	if (errno == ENOSYS) {
		log_debug("no session keyring: the kernel has none");
		return 0;
	}
	/* Going on would leave the caller's keys within the container's reach. */
	(void)fail(e, errno, "make a session keyring");
	if (e->code == EDQUOT)
		advise(e, "the user's quota of keys is full: see /proc/sys/kernel/keys/maxkeys and "
			  "root_maxkeys; --no-new-keyring does without");
	return -e->code;
}

int personality_apply(unsigned long domain, struct berth_error *e)
{
	if (personality(domain) < 0)
		return fail(e, errno, "set the personality");
	return 0;
}

static int apply_groups(const struct user_spec *u, bool denied, struct berth_error *e)
{
	int err = EPERM;

	if (!denied) {
		if (setgroups(u->n_groups, u->groups) == 0)
			return 0;
		err = errno;
		/* In a namespace that berth was started in: there even CAP_SETGID does not help. */
		denied = err == EPERM && capability_held(CAP_SETGID);
	}
	if (denied && u->n_groups == 0)
		return 0;
	fail(e, err, "set %zu supplementary groups", u->n_groups);
	if (denied)
		advise(e, "this user namespace denies setgroups(2), as its creator mapped only the "
			  "own group id");
	else if (err == EINVAL)
		advise(e, "each of them has to be mapped in the user namespace");
	return -err;
}

static void advise_id(const char *what, struct berth_error *e)
{
	if (e->code == EINVAL)
		advise(e, "this %s id is not mapped in the user namespace", what);
	else if (e->code == EAGAIN)
		advise(e, "the user has more processes than RLIMIT_NPROC allows");
}

int user_apply(const struct user_spec *u, bool groups_denied, struct berth_error *e)
{
	uid_t uid[3];
	gid_t gid[3];
	int r = apply_groups(u, groups_denied, e);

	if (r < 0)
		return r;
	if (setresgid(u->gid, u->gid, u->gid) < 0) {
		r = fail(e, errno, "change to group %u", u->gid);
		advise_id("group", e);
		return r;
	}
	if (setresuid(u->uid, u->uid, u->uid) < 0) {
		r = fail(e, errno, "change to user %u", u->uid);
		advise_id("user", e);
		return r;
	}
	if (getresgid(&gid[0], &gid[1], &gid[2]) < 0 || getresuid(&uid[0], &uid[1], &uid[2]) < 0)
		return fail(e, errno, "read the user and group ids");
	for (int i = 0; i < 3; i++)
		if (gid[i] != u->gid || uid[i] != u->uid)
			return refuse(e, EPERM,
				      "change to user %u, group %u: the kernel did not do it",
				      u->uid, u->gid);
	return 0;
}
