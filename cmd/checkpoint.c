/* SPDX-License-Identifier: Apache-2.0 */
/*
 * berth checkpoint
 */
#include "criu_options.h"

static struct berth_checkpoint request;
static unsigned int empty_network;

static const struct option_row options[] = {
	CRIU_OPTIONS(request.criu, empty_network),
	TEXT("parent-path", 0, "DIR", &request.parent_path,
	     "images of an earlier --pre-dump, relative to --image-path"),
	FLAG("leave-running", 'R', &request.leave_running, "keep the container running"),
	FLAG("pre-dump", 0, &request.pre_dump, "write memory only, and keep the container running"),
	TEXT("page-server", 0, "ADDRESS:PORT", &request.page_server,
	     "send memory there instead of writing it"),
	NUMBER("status-fd", 0, "FD", &request.status_fd,
	       "gets a NUL byte once lazy pages can be fetched"),
	OPTIONS_END,
};

static int run(const struct call *call, struct berth_error *e)
{
	request.id = call->args[0];
	request.criu.empty_network = empty_network;
	return berth_checkpoint(call->runtime, &request, e);
}

const struct command cmd_checkpoint = {
	.name = "checkpoint",
	.group = COMMAND_LIFE,
	.summary = "save the processes of a container to files",
	.arguments = "ID",
	.min_args = 1,
	.max_args = 1,
	.options = options,
	.about = "Saves the state of all processes of a running container to a "
		 "directory, by criu, and deletes the container. \"berth restore\" "
		 "resumes it from there.",
	.example = "berth checkpoint --image-path /var/tmp/web web",
	.run = run,
};
