// SPDX-License-Identifier: MIT
#include "harness/report_assets.h"

#define ASSET(name, file)                                               \
	__asm__(".section .rodata\n" #name ":\n"                        \
		".incbin \"harness/report/" file "\"\n" #name "_end:\n" \
		".previous\n");                                         \
	extern const char name[], name##_end[]

ASSET(report_uplot_css, "uPlot.min.css");
ASSET(report_css, "report.css");
ASSET(report_uplot_js, "uPlot.min.js");
ASSET(report_dom_js, "dom.js");
ASSET(report_plot_js, "plot.js");
ASSET(report_event_js, "event.js");
ASSET(report_case_js, "case.js");
ASSET(report_main_js, "main.js");

const struct report_asset report_styles[REPORT_STYLES] = {
	{ report_uplot_css, report_uplot_css_end },
	{ report_css, report_css_end },
};
const struct report_asset report_scripts[REPORT_SCRIPTS] = {
	{ report_uplot_js, report_uplot_js_end }, { report_dom_js, report_dom_js_end },
	{ report_plot_js, report_plot_js_end },	  { report_event_js, report_event_js_end },
	{ report_case_js, report_case_js_end },	  { report_main_js, report_main_js_end },
};
