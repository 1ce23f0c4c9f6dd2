#ifndef GUARD_H
#define GUARD_H

#include "shim.h"

Guarded *guard_enter(void);
bool guard_leave(Guarded *guarded, Failure *failure, uint64_t *region_id);

#endif
