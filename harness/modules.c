// SPDX-License-Identifier: MIT
#include "harness/modules.h"
int modules_extract(const char *deb, const char *dir, struct fail *f)
{
	(void)deb, (void)dir, (void)f;
	return 0;
}
