/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A libFuzzer target: any bytes as a configuration, a process, resources. Findings have to lie
 * within the text and be printable. Build and run: see tests/fuzz/run.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "json_mutator.h"
#include "oci/config.h"

static void look_at(int r, struct berth_config *c, struct berth_report *report, size_t size)
{
	if ((r != 0 && r != -EINVAL) || (r == 0) != (report->n_errors == 0))
		abort();
	for (size_t i = 0; i < report->n; i++) {
		char *text = berth_finding_text(report, i);

		if (report->findings[i].line > size + 1 || report->findings[i].column > size + 1 ||
		    !text || !text_printable(text))
			abort();
		free(text);
	}
	berth_report_free(report);
	if (r == 0) {
		if (strlen(c->text) > size)
			abort();
		berth_config_free(c);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int (*const decoders[])(const char *, size_t, const char *, bool,
				       struct berth_config **, struct berth_report **,
				       struct berth_error *) = {
		config_decode,
		config_decode_process,
		config_decode_resources,
	};

	for (size_t i = 0; i < ARRAY_SIZE(decoders); i++) {
		struct berth_config *c = NULL;
		struct berth_report *report = NULL;
		struct berth_error e = { 0 };
		int r = decoders[i]((const char *)data, size, "config.json", false, &c, &report,
				    &e);

		look_at(r, c, report, size);
	}
	return 0;
}
