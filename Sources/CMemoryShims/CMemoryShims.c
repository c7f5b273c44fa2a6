#include "CMemoryShims.h"

#include <malloc.h>

void sekisho_return_freed_memory(void) { malloc_trim(0); }

void sekisho_keep_large_blocks_apart(void) { mallopt(M_MMAP_THRESHOLD, 1 << 18); }
