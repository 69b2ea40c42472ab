/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules between the properties of a configuration.
 */
#include "oci/check.h"

void config_check(const struct berth_config *c, struct findings *f)
{
	(void)c;
	(void)f;
}

void config_check_process(const struct berth_config *c, struct findings *f)
{
	(void)c;
	(void)f;
}

void config_check_resources(const struct berth_config *c, struct findings *f)
{
	(void)c;
	(void)f;
}
