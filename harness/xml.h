/* SPDX-License-Identifier: MIT */
/*
 * Text of unknown origin in XML 1.0 or HTML: <, >, &, quotes as entities; bytes that are not UTF-8 as
 * U+FFFD; characters that XML forbids or a terminal obeys (controls, U+FFFE, U+FFFF) as \xNN. Lines
 * and tabs stay.
 */
#ifndef OOM_HARNESS_XML_H
#define OOM_HARNESS_XML_H

#include "lib/base.h"

void xml_text(FILE *f, const char *text, size_t len);
/* ` name="value"`, lines as &#10;. A NULL or empty value gives nothing. */
void xml_attr(FILE *f, const char *name, const char *value);

#endif
