/* SPDX-License-Identifier: MIT */
/* How much slower than alone things are on this host, as others want its processors too. */
#ifndef OOM_HARNESS_LOAD_H
#define OOM_HARNESS_LOAD_H

/*
 * A factor for deadlines, 1 to 4: what wants to run, by the host's load or `nr_own` processes that we will
 * have, to each processor.
 */
double load_factor(unsigned int nr_own);
/* Pure. */
double load_factor_of(double load, unsigned int nr_own, double nr_cpus);

#endif
