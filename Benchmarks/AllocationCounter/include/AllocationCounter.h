#ifndef ALLOCATION_COUNTER_H
#define ALLOCATION_COUNTER_H

#include <stdint.h>

/// How often this process has asked for memory so far: malloc, calloc, realloc and aligned allocations.
uint64_t allocation_count(void);

#endif
