/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program of one's own over libberth: runs the bundle it is given, as "berth create", "berth
 * start" and "berth delete" do, and exits as the container's process did.
 *
 *	cc -o example main.c $(pkg-config --cflags --libs berth)
 *	./example ../bundles/hello
 */
#include <stdio.h>
#include <sys/wait.h>

#include <berth/container.h>

static int run_bundle(const char *bundle, const char *state_directory, siginfo_t *ret_end,
		      struct berth_error *e)
{
	const struct berth_runtime runtime = { .root = state_directory };
	const struct berth_create create = { .id = "example", .bundle = bundle };
	struct berth_state *state = NULL;
	int r = berth_create(&runtime, &create, e);

	if (r < 0)
		return r;
	r = berth_state(&runtime, create.id, &state, e);
	if (r == 0)
		r = berth_start(&runtime, create.id, e);
	/* The container's first process is a child of whoever called berth_create(). */
	if (r == 0 && waitid(P_PID, (id_t)state->pid, ret_end, WEXITED) < 0)
		perror("waitid");
	berth_state_free(state);

	/* With `force` also where it did not start. The first error is the one to tell. */
	int deleted =
		berth_delete(&runtime, create.id, true, r == 0 ? e : &(struct berth_error){ 0 });

	return r < 0 ? r : deleted;
}

int main(int argc, char **argv)
{
	struct berth_error e = { 0 };
	siginfo_t end = { 0 };

	if (argc < 2 || argc > 3) {
		(void)fprintf(stderr, "usage: %s BUNDLE [STATE-DIRECTORY]\n", argv[0]);
		return 2;
	}
	if (run_bundle(argv[1], argv[2], &end, &e) < 0) {
		(void)fprintf(stderr, "%s: %s\n", argv[0], e.text);
		return 1;
	}
	return end.si_code == CLD_EXITED ? end.si_status : 128 + end.si_status;
}
