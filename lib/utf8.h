/* SPDX-License-Identifier: MIT */
#ifndef OOM_LIB_UTF8_H
#define OOM_LIB_UTF8_H

#include "lib/base.h"

/*
 * Bytes of the UTF-8 sequence at s (n bytes left, 1 at least), 0 if it is none. Overlong forms,
 * surrogates and values above U+10FFFF are none (RFC 3629). A NUL is one byte.
 */
size_t utf8_len(const char *s, size_t n);

#endif
