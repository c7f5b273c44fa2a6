/*
 * CPrivilegeShims: prctl(2), which is variadic, and capget(2), capset(2) and getresuid(2), which the Glibc module does not
 * import. No policy here. It can go when Swift can call them.
 */
#ifndef SEKISHO_PRIVILEGE_SHIMS_H
#define SEKISHO_PRIVILEGE_SHIMS_H

#include <sys/types.h>

/* No program that this thread, or one that it makes, executes gains privileges. 0 or -1. */
int sekisho_renounce_new_privileges(void);

/* Nothing writes the memory of this process to a file, or reads it, that is not root. 0 or -1. */
int sekisho_forbid_dumps(void);

/* Gives up every capability of this thread, and of those that it makes from now on. 0 or -1. */
int sekisho_drop_capabilities(void);

/* Whether this thread has a capability, in effect or to be taken. */
int sekisho_has_capabilities(void);

/* Whether real, effective and saved ids are all these. */
int sekisho_is_only(uid_t user, gid_t group);

#endif
