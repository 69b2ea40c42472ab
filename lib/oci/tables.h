/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables that more than one file uses: whole documents, and what their parts share.
 */
#ifndef OCI_TABLES_H
#define OCI_TABLES_H

#include "oci/config.h"
#include "oci/json_table.h"

JSON_TABLE_DECLARE(config, struct berth_config);
JSON_TABLE_DECLARE(process, struct config_process);
JSON_TABLE_DECLARE(linux_config, struct config_linux);
JSON_TABLE_DECLARE(resources, struct cgroup_resources);
JSON_TABLE_DECLARE(seccomp, struct seccomp_profile);
JSON_TABLE_DECLARE(id_map, struct id_map);

#endif
