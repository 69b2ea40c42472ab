/* SPDX-License-Identifier: Apache-2.0 */
/*
 * berth spec: writes a config.json to start from. It never touches an existing file and never
 * leaves a half-written one.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <berth/config.h>

#include "command.h"

static struct {
	const char *bundle, *file;
	bool rootless;
} request;

static const struct option_row options[] = {
	TEXT("bundle", 'b', "DIR", &request.bundle,
	     "where to write; otherwise the working directory"),
	TEXT("file", 'f', "FILE", &request.file, "its name, instead of config.json"),
	FLAG("rootless", 0, &request.rootless, "a configuration that the calling user can run"),
	OPTIONS_END,
};

static int write_text(int fd, const char *text)
{
	size_t length = strlen(text);

	while (length > 0) {
		ssize_t n = write(fd, text, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		length -= (size_t)n;
	}
	return 0;
}

static int write_config(int dir, const char *name, const char *json, struct berth_error *e)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);

	if (fd < 0 && errno == EEXIST)
		return cmd_refuse(e, EEXIST, "File %s exists. Remove it first", name);
	if (fd < 0)
		return cmd_fail(e, errno, "create %s", name);

	int r = write_text(fd, json);

	if (r == 0)
		r = write_text(fd, "\n");
	if (close(fd) < 0 && r == 0)
		r = -errno;
	if (r == 0)
		return 0;
	(void)unlinkat(dir, name, 0);
	return cmd_fail(e, -r, "write %s", name);
}

static int run(const struct call *call, struct berth_error *e)
{
	const char *bundle = request.bundle ? request.bundle : ".";
	char *json = NULL;
	int dir = open(bundle, O_PATH | O_DIRECTORY | O_CLOEXEC);

	(void)call;
	if (dir < 0)
		return cmd_fail(e, errno, "open bundle %s", bundle);

	int r = berth_spec_json(request.rootless, &json, e);

	if (r == 0)
		r = write_config(dir, request.file ? request.file : "config.json", json, e);
	(void)close(dir);
	free(json);
	return r;
}

const struct command cmd_spec = {
	.name = "spec",
	.group = COMMAND_BUNDLE,
	.summary = "write a config.json to start from",
	.arguments = "",
	.options = options,
	.about = "Writes a config.json that runs a shell in new namespaces, with the "
		 "root file system in rootfs. An existing file is not replaced.",
	.example = "berth spec --rootless --bundle ./hello",
	.run = run,
};
