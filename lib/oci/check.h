/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules between the properties of a configuration that decoded well: what single rows of the
 * tables cannot see. The decoder calls them; the document is known to have the right shape, types
 * and words.
 */
#ifndef OCI_CHECK_H
#define OCI_CHECK_H

#include "oci/config.h"
#include "oci/findings.h"

/* A whole configuration. */
void config_check(const struct berth_config *c, struct findings *f);
/* Only c->process is there (config_decode_process()). */
void config_check_process(const struct berth_config *c, struct findings *f);
/* Only c->lin->resources is there (config_decode_resources()). */
void config_check_resources(const struct berth_config *c, struct findings *f);

#endif
