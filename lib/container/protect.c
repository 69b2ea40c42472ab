/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When the executing file has to be kept from a container (docs/decisions/self-protection.md).
 */
#include <sched.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "container/life.h"
#include "linux/procfs.h"
#include "linux/self.h"

static const struct id_maps no_maps;

/* Before the program begins. Those that are executed in the container have the image's programs in
 * there; those of the host may bring something in. */
static bool has_hooks(const struct berth_config *c)
{
	return c->hooks[HOOK_PRESTART].n || c->hooks[HOOK_CREATE_RUNTIME].n ||
	       c->hooks[HOOK_CREATE_CONTAINER].n || c->hooks[HOOK_START_CONTAINER].n;
}

/*
 * The first process of a new pid namespace is alone there until its program has begun: nobody can
 * look at it, unless there are hooks. Should that program turn out to be berth itself, it is
 * berth's code that goes on, and that protects itself first thing (berth_protect_self()). With a
 * loader it would be the image's libraries.
 */
static bool is_alone(const struct berth_config *c)
{
	return config_new_namespace(c, CLONE_NEWPID) && !has_hooks(c) && getauxval(AT_BASE) == 0 &&
	       getpid() != 1;
}

static int protect(char *const *arguments, const struct id_maps *uids, struct berth_error *e)
{
	autoclose int proc = -1;
	bool exposed = false;
	int r = procfs_open(&proc, e);

	if (r == 0)
		r = self_is_exposed(proc, uids, &exposed, e);
	if (r < 0 || !exposed)
		return r;
	if (arguments)
		return self_protect(proc, arguments, e);
	log_debug("the executing file is not protected from the container");
	return 0;
}

int protect_from_container(const struct berth_runtime *rt, const struct berth_config *c,
			   bool stays_alone, struct berth_error *e)
{
	if (stays_alone && is_alone(c))
		return 0;
	/* Of a user namespace that is joined the configuration's maps may be untrue. */
	return protect(rt->arguments,
		       config_new_namespace(c, CLONE_NEWUSER) ? &c->lin->uids : &no_maps, e);
}

int berth_protect_self(char *const *argv, struct berth_error *e)
{
	return protect(argv, &no_maps, e);
}
