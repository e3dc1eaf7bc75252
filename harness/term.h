/* SPDX-License-Identifier: MIT */
/* Does what is written there reach someone who sees colours? */
#ifndef OOM_HARNESS_TERM_H
#define OOM_HARNESS_TERM_H

#include "lib/base.h"

/*
 * https://no-color.org and https://bixense.com/clicolors: NO_COLOR, present and not empty, says no;
 * CLICOLOR_FORCE, neither empty nor 0, says yes for stdout and stderr; else a terminal that is not
 * dumb.
 */
bool term_colour(FILE *f);

#endif
