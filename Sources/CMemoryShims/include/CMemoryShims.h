/*
 * CMemoryShims: malloc_trim(3), which the Glibc module does not import (it is in <malloc.h>). No policy here.
 * It can go when Swift's Glibc module has it.
 */
#ifndef SEKISHO_MEMORY_SHIMS_H
#define SEKISHO_MEMORY_SHIMS_H

/* Gives freed heap memory back to the system. Takes milliseconds; locks the allocator meanwhile. */
void sekisho_return_freed_memory(void);

#endif
