/* SPDX-License-Identifier: MIT */
/* Of both programs. */
#ifndef OOM_LIB_VERSION_H
#define OOM_LIB_VERSION_H

#define OOMLAB_VERSION "0.1"

#endif
