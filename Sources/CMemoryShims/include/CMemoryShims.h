/*
 * CMemoryShims: malloc_trim(3) and mallopt(3), which the Glibc module does not import (they are in <malloc.h>), and the
 * prefetch instruction. No policy here. It can go when Swift has them.
 */
#ifndef SEKISHO_MEMORY_SHIMS_H
#define SEKISHO_MEMORY_SHIMS_H

/* Gives freed heap memory back to the system. Takes milliseconds; locks the allocator meanwhile. */
void sekisho_return_freed_memory(void);

/* From now on a block of 256 KiB or more is mapped by itself, and goes back to the system when it is freed. */
void sekisho_keep_large_blocks_apart(void);

/* Has the cache line of an address fetched, and does not wait for it. Any address will do. */
static inline void sekisho_prefetch(const void *address) { __builtin_prefetch(address); }

#endif
