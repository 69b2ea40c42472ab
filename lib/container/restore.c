/* SPDX-License-Identifier: Apache-2.0 */
/*
 * restore: a container whose processes come from a checkpoint's images. It is set up as `run` does
 * it, and walks a plan of its own (restore_rows in lib/start/plan.c).
 */
#include <sys/prctl.h>

#include "base/fd.h"
#include "container/life.h"

static int check_request(const struct making *m, const struct berth_restore *q,
			 struct berth_error *e)
{
	if (m->request.rootless)
		return refuse(e, EPERM, "restore takes root");
	if (m->config->process && m->config->process->terminal)
		return refuse(e, EOPNOTSUPP,
			      "a container with a terminal (process.terminal) cannot be restored");
	if (q->run.create.console_socket)
		return refuse(e, EINVAL,
			      "--console-socket is of no use: process.terminal is not set");
	return 0;
}

int berth_restore(const struct berth_runtime *rt, const struct berth_restore *q, int *ret_status,
		  struct berth_error *e)
{
	cleanup(making_release) struct making m;
	int r = making_prepare(&m, rt, &q->run.create, false, e);

	if (r == 0)
		r = check_request(&m, q, e);
	if (r < 0)
		return r;
	m.request.restore = q;
	m.request.criu = rt->criu;
	m.start.plan = &restore_plan;
	r = plan_walk(&m.start, 0, restore_plan.n, e);
	if (r < 0 || q->run.detach)
		return r;
	entry_unlock(&m.entry);
	if (q->run.no_subreaper && prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0) < 0)
		return fail(e, errno, "stop being a subreaper");
	return making_attend(&m, q->run.keep, ret_status, e);
}
