/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What linux.resources asks for.
 */
#include "cgroup/limits.h"

const char *limits_first(const struct cgroup_resources *r)
{
	if (!r)
		return NULL;
	return r->memory            ? "memory"
	       : r->cpu             ? "cpu"
	       : r->block_io        ? "blockIO"
	       : r->pids_limit.set  ? "pids.limit"
	       : r->hugepages.n > 0 ? "hugepageLimits"
	       : r->rdma.n > 0      ? "rdma"
	       : r->unified.n > 0   ? "unified"
				    : NULL;
}
