#ifndef LOADER_H
#define LOADER_H

#include <node_api.h>

#include "shim.h"

typedef struct Server Server;
extern const Failure loader_gone;
Server *loader_reserve(uint32_t channel);
void loader_join(Server *server, napi_threadsafe_function call);
napi_threadsafe_function loader_leave(Server *server);
Ticket *loader_next(Server *server);
void loader_finish(Ticket *ticket);

#endif
