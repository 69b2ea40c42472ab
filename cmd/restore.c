/* SPDX-License-Identifier: Apache-2.0 */
/*
 * berth restore
 */
#include "create_options.h"
#include "criu_options.h"

static struct berth_restore request;
static unsigned int empty_network;

static const struct option_row options[] = {
	CREATE_OPTIONS(request.run.create),
	FLAG("detach", 'd', &request.run.detach, "return once the processes run"),
	FLAG("keep", 0, &request.run.keep,
	     "do not delete the container when its process has ended"),
	FLAG("no-subreaper", 0, &request.run.no_subreaper,
	     "do not adopt the orphans of the container's processes"),
	CRIU_OPTIONS(request.criu, empty_network),
	TEXT("lsm-profile", 0, "TYPE:NAME", &request.lsm_profile,
	     "AppArmor profile or SELinux label, instead of the checkpoint's"),
	TEXT("lsm-mount-context", 0, "CONTEXT", &request.lsm_mount_context,
	     "SELinux context of mounts, instead of the checkpoint's"),
	OPTIONS_END,
};

static int run(const struct call *call, struct berth_error *e)
{
	int status = 0;

	request.run.create.id = call->args[0];
	request.criu.empty_network = empty_network;

	int r = berth_restore(call->runtime, &request, &status, e);

	return r < 0 ? r : status;
}

const struct command cmd_restore = {
	.name = "restore",
	.group = COMMAND_LIFE,
	.summary = "create a container from a checkpoint",
	.arguments = "ID",
	.min_args = 1,
	.max_args = 1,
	.new_id = true,
	.options = options,
	.about = "Creates a container from a bundle like the checkpoint's. criu makes "
		 "its processes from the images, and they continue where they were.",
	.example = "berth restore --detach --image-path /var/tmp/web --bundle /srv/web web",
	.run = run,
};
