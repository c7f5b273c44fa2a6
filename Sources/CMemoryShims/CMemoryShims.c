#include "CMemoryShims.h"

#include <malloc.h>

void sekisho_return_freed_memory(void) { malloc_trim(0); }
