/* SPDX-License-Identifier: Apache-2.0 */
/*
 * berth plan: what create and start would do with a bundle, without doing it. The steps come from
 * the table that these commands walk.
 */
#include <stdio.h>
#include <string.h>

#include <berth/config.h>

#include "command.h"

static struct {
	const char *bundle;
	enum output_format format;
} request;

static const struct option_row options[] = {
	TEXT("bundle", 'b', "DIR", &request.bundle, "the same as the argument"),
	OPTION_FORMAT(&request.format),
	OPTIONS_END,
};

/* What is known of the steps while they are counted and while they are printed. */
struct listing {
	int n;
	int actor_width, name_width;
};

static const char *actor_text(const struct berth_step *step)
{
	return step->signal ? step->signal : step->actor;
}

static void measure_step(const struct berth_step *step, void *data)
{
	struct listing *l = data;
	int actor = (int)strlen(actor_text(step)), name = (int)strlen(step->name);

	l->n++;
	l->actor_width = actor > l->actor_width ? actor : l->actor_width;
	l->name_width = name > l->name_width ? name : l->name_width;
}

static void print_step(const struct berth_step *step, void *data)
{
	struct listing *l = data;

	(void)printf("%3d  %-*s  %-*s  %s\n", ++l->n, l->actor_width, actor_text(step),
		     l->name_width, step->name, step->what);
}

static void print_step_json(const struct berth_step *step, void *data)
{
	struct listing *l = data;
	const struct {
		const char *key, *value;
	} members[] = {
		{ "\"name\":", step->name },
		{ ",\"actor\":", step->actor },
		{ ",\"signal\":", step->signal },
		{ ",\"what\":", step->what },
	};

	(void)fputs(l->n++ ? ",\n {" : "[\n {", stdout);
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (members[i].value) {
			(void)fputs(members[i].key, stdout);
			print_json(stdout, members[i].value);
		}
	(void)printf(",\"undo\":%s}", step->undone ? "true" : "false");
}

static int print_plan(const struct berth_config *config, const char *bundle, struct berth_error *e)
{
	const struct berth_create create = { .id = "plan", .bundle = bundle };
	struct listing l = { 0 };
	int r = berth_plan(config, &create, measure_step, &l, e);

	if (r < 0)
		return r;
	l.n = 0;
	if (request.format == OUTPUT_TABLE)
		return berth_plan(config, &create, print_step, &l, e);
	r = berth_plan(config, &create, print_step_json, &l, e);
	if (r == 0)
		(void)puts(l.n ? "\n]" : "[]");
	return r;
}

static int run(const struct call *call, struct berth_error *e)
{
	const char *bundle = request.bundle ? request.bundle : ".";
	struct berth_config *config = NULL;
	struct berth_report *report = NULL;

	if (call->n_args > 0)
		bundle = call->args[0];

	int r = berth_config_load(bundle, call->runtime->strict, &config, &report, e);

	if (report)
		call->runtime->report(report, call->runtime->report_data);
	if (r == 0)
		r = print_plan(config, bundle, e);
	berth_report_free(report);
	berth_config_free(config);
	return r;
}

const struct command cmd_plan = {
	.name = "plan",
	.group = COMMAND_BUNDLE,
	.summary = "print the steps that starting a bundle would take",
	.arguments = "[BUNDLE]",
	.max_args = 1,
	.options = options,
	.about = "Prints, in order, the steps of creating and starting a container from "
		 "this bundle, and who takes each step: berth on the host, or init in "
		 "the container. \"host -> init\" is a message from one to the other. "
		 "Nothing is done.",
	.example = "berth plan ./hello",
	.run = run,
};
