// Without it ldns/common.h takes `bool` for a signed char, and Swift sees Int8 instead of Bool.
#include <stdbool.h>

#include <ldns/ldns.h>
