/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows for linux.seccomp (config-linux.md, "Seccomp").
 */
#include "oci/tables.h"

static const struct json_row argument_rows[] = {
	U32(struct seccomp_argument, "index", index, REQUIRED),
	U64(struct seccomp_argument, "value", value, REQUIRED),
	U64(struct seccomp_argument, "valueTwo", value_two, 0),
	WORD(struct seccomp_argument, "op", op, seccomp_operator_words, "operator", REQUIRED),
};
JSON_TABLE(argument, struct seccomp_argument, NULL);

static const struct json_row rule_rows[] = {
	STRINGS_IN(struct seccomp_rule, "names", names, n_names, REQUIRED | NOT_EMPTY),
	WORD(struct seccomp_rule, "action", action, seccomp_action_words, "action", REQUIRED),
	U32_IF(struct seccomp_rule, "errnoRet", errno_ret, has_errno, 0),
	OBJECTS_IN(struct seccomp_rule, "args", args, n_args, argument, 0),
};
JSON_TABLE(rule, struct seccomp_rule, NULL);

static const struct json_row seccomp_rows[] = {
	WORD(struct seccomp_profile, "defaultAction", default_action, seccomp_action_words,
	     "action", REQUIRED),
	U32_IF(struct seccomp_profile, "defaultErrnoRet", default_errno, has_default_errno, 0),
	WORDS_IN(struct seccomp_profile, "architectures", architectures, n_architectures,
		 seccomp_architecture_words, "architecture", 0),
	FLAGS(struct seccomp_profile, "flags", flags, seccomp_flag_words, "seccomp flag", 0),
	STRING(struct seccomp_profile, "listenerPath", listener_path, 0),
	STRING(struct seccomp_profile, "listenerMetadata", listener_metadata, 0),
	OBJECTS_IN(struct seccomp_profile, "syscalls", rules, n_rules, rule, 0),
};
JSON_TABLE_SHARED(seccomp, struct seccomp_profile, NULL);
