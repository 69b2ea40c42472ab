/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Running hooks. Trust: a hook is the caller's program, but startContainer hooks come from the
 * container's file system: they are the image's, and may do what its program may. Nor must the
 * image reach any other hook through the environment (CVE-2025-23266): a hook's environment is what
 * its entry says, and nothing when it says nothing.
 */
#include "base/cleanup.h"
#include "base/log.h"
#include "base/process.h"
#include "start/hooks.h"
#include "start/steps.h"

/* `s`: the start that it belongs to, or NULL. */
static int run_hook(const struct hook *h, const char *kind, const char *state, struct start *s,
		    bool inside, struct berth_error *e)
{
	const char *just_path[] = { h->path, NULL };
	static const char *const no_env[] = { NULL };
	struct command command = {
		.fd = -1,
		.path = h->path,
		.args = (char *const *)(h->args.n ? h->args.v : just_path),
		.env = (char *const *)(h->env.n ? h->env.v : (const char **)no_env),
		.input = state,
		.timeout_s = h->timeout,
		/* The host holds signals back; but nobody knows how long a hook takes. */
		.wait_mask = s && s->me == HOST ? &s->interrupt.before : NULL,
		/* A startContainer hook is confined as the container's program is. */
		.prepare = inside ? prepare_start_hook : NULL,
		.confine = inside ? confine_start_hook : NULL,
		.data = s,
	};
	int r = command_run(&command, e);

	return r < 0 ? in_context(e, r, "%s hook", kind) : 0; /* which one, command_run() says */
}

static char *hook_input(const struct berth_config *c, const struct state_record *r,
			enum berth_status status, pid_t pid)
{
	return state_json(r->id, status, pid, r->bundle, &c->annotations, false);
}

int hooks_run(struct start *s, enum hook_kind kind, enum berth_status status, pid_t pid,
	      struct berth_error *e)
{
	autofree char *state = NULL;
	const struct hooks *hooks = &s->config->hooks[kind];

	if (hooks->n == 0)
		return 0;
	state = hook_input(s->config, &s->record, status, pid);
	if (!state)
		return fail(e, ENOMEM, "state for the hooks");
	for (size_t i = 0; i < hooks->n; i++) {
		int result = run_hook(&hooks->v[i], word_of(hook_words, kind), state, s,
				      kind == HOOK_START_CONTAINER, e);

		if (result < 0)
			return result;
	}
	return 0;
}

void hooks_run_poststop(const struct berth_config *c, const struct state_record *r)
{
	const struct hooks *hooks = &c->hooks[HOOK_POSTSTOP];
	autofree char *state = NULL;

	if (hooks->n == 0)
		return;
	state = hook_input(c, r, BERTH_STOPPED, 0);
	for (size_t i = 0; state && i < hooks->n; i++) {
		struct berth_error e = { 0 };

		if (run_hook(&hooks->v[i], "poststop", state, NULL, false, &e) < 0)
			log_warning("%s", e.text);
	}
}
