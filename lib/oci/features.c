/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What berth implements (features.md, features-linux.md). Words are not listed by hand but come
 * from the tables that decode them. Only supportedFlags depends on the running kernel, as the
 * specification requires.
 */
#include <seccomp.h>
#include <stdio.h>

#include <berth/config.h>
#include <berth/container.h>

#include "base/json_writer.h"
#include "linux/capabilities.h"
#include "linux/mount_options.h"
#include "linux/namespaces.h"
#include "linux/process_attributes.h"
#include "linux/seccomp.h"
#include "oci/config.h"

#include "build_config.h"

/* The systemd driver is a program of its own; the build that has it says so. */
#ifdef BERTH_SYSTEMD
static const bool has_systemd = true;
#else
static const bool has_systemd = false;
#endif

static const char oldest_version[] = "1.0.0";

static void write_words(struct json_writer *w, const char *key, const struct word *words,
			bool (*wanted)(const struct word *word))
{
	json_array(w, key);
	for (; words->word; words++)
		if (!wanted || wanted(words))
			json_string(w, NULL, words->word);
	json_end_array(w);
}

/* The tables know architectures that the libseccomp we are linked with may not. */
static bool architecture_is_compiled(const struct word *word)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	bool known = ctx && seccomp_arch_exist(ctx, (uint32_t)word->value) != -EINVAL;

	seccomp_release(ctx);
	return known;
}

static bool flag_works_here(const struct word *word)
{
	return seccomp_flag_supported((uint32_t)word->value);
}

static void write_enabled(struct json_writer *w, const char *key, bool enabled)
{
	json_object(w, key);
	json_bool(w, "enabled", enabled);
	json_end_object(w);
}

static void write_cgroup(struct json_writer *w)
{
	json_object(w, "cgroup");
	json_bool(w, "v1", false);
	json_bool(w, "v2", true);
	json_bool(w, "systemd", has_systemd);
	json_bool(w, "systemdUser", has_systemd);
	json_bool(w, "rdma", true);
	json_end_object(w);
}

static void write_seccomp(struct json_writer *w)
{
	json_object(w, "seccomp");
	json_bool(w, "enabled", true);
	write_words(w, "actions", seccomp_action_words, NULL);
	write_words(w, "operators", seccomp_operator_words, NULL);
	write_words(w, "archs", seccomp_architecture_words, architecture_is_compiled);
	write_words(w, "knownFlags", seccomp_flag_words, NULL);
	write_words(w, "supportedFlags", seccomp_flag_words, flag_works_here);
	json_end_object(w);
}

static void write_memory_policy(struct json_writer *w)
{
	json_object(w, "memoryPolicy");
	write_words(w, "modes", memory_mode_words, NULL);
	write_words(w, "flags", memory_flag_words, NULL);
	json_end_object(w);
}

static void write_intel_rdt(struct json_writer *w)
{
	json_object(w, "intelRdt");
	json_bool(w, "enabled", true);
	json_bool(w, "schemata", true);
	json_bool(w, "monitoring", true);
	json_end_object(w);
}

static void write_linux(struct json_writer *w)
{
	json_object(w, "linux");
	write_words(w, "namespaces", namespace_words, NULL);
	write_words(w, "capabilities", capability_words, NULL);
	write_cgroup(w);
	write_seccomp(w);
	write_enabled(w, "apparmor", true);
	write_enabled(w, "selinux", true);
	write_memory_policy(w);
	write_intel_rdt(w);
	json_object(w, "mountExtensions");
	write_enabled(w, "idmap", true);
	json_end_object(w);
	write_enabled(w, "netDevices", true);
	json_end_object(w);
}

static void write_annotations(struct json_writer *w)
{
	const struct scmp_version *v = seccomp_version();
	char libseccomp[64];

	(void)snprintf(libseccomp, sizeof(libseccomp), "%u.%u.%u", v->major, v->minor, v->micro);
	json_object(w, "annotations");
	json_string(w, "io.github.seccomp.libseccomp.version", libseccomp);
	json_string(w, "org.opencontainers.berth.version", berth_version());
	json_end_object(w);
}

int berth_features_json(char **ret_json, struct berth_error *e)
{
	struct json_writer w = { .indent = 4 };
	char *json;

	json_object(&w, NULL);
	json_string(&w, "ociVersionMin", oldest_version);
	json_string(&w, "ociVersionMax", berth_spec_version());
	write_words(&w, "hooks", hook_words, NULL);
	write_words(&w, "mountOptions", mount_option_words, NULL);
	write_linux(&w);
	write_annotations(&w);
	/* Properties of the systemd unit that the cgroup driver makes. */
	json_array(&w, "potentiallyUnsafeConfigAnnotations");
	json_string(&w, NULL, "org.systemd.property.");
	json_end_array(&w);
	json_end_object(&w);
	json = json_finish(&w);
	if (!json)
		return fail(e, ENOMEM, "write the list of features");
	*ret_json = json;
	return 0;
}
