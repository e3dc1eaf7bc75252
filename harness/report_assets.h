/* SPDX-License-Identifier: MIT */
/* The files of harness/report/ as they were when this was built, each one whole. */
#ifndef OOM_HARNESS_REPORT_ASSETS_H
#define OOM_HARNESS_REPORT_ASSETS_H

#include "lib/base.h"

struct report_asset {
	const char *text, *end;
};

/* In the order of the document. */
#define REPORT_STYLES  2
#define REPORT_SCRIPTS 6
extern const struct report_asset report_styles[REPORT_STYLES];
extern const struct report_asset report_scripts[REPORT_SCRIPTS];

#endif
