/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The version of berth and of the specification it implements.
 */
#include <berth/container.h>

#include "build_config.h"

const char *berth_version(void)
{
	return BERTH_VERSION;
}

const char *berth_spec_version(void)
{
	return "1.3.0";
}
