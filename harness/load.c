// SPDX-License-Identifier: MIT
#include "harness/load.h"
#include "lib/base.h"

#define FACTOR_MAX 4

double load_factor_of(double load, unsigned int nr_own, double nr_cpus)
{
	double factor = nr_cpus < 1 ? 1 : max(load, (double)nr_own) / nr_cpus;

	return factor < 1 ? 1 : min(factor, (double)FACTOR_MAX);
}

double load_factor(unsigned int nr_own)
{
	double load = 0;

	if (getloadavg(&load, 1) != 1)
		load = 0;
	return load_factor_of(load, nr_own, (double)sysconf(_SC_NPROCESSORS_ONLN));
}
