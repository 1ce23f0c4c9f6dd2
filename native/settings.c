// Settings, counters, and what this machine can do, as JavaScript sees them.

#include "addon.h"
#include "guard.h"

#include <string.h>
#include <unistd.h>

pthread_mutex_t shim_mutex = PTHREAD_MUTEX_INITIALIZER;
Settings settings = {.budget = 512, .hard_limit = 4096, .read_ahead = 8};
Counters counters;
_Atomic bool shim_down;

/** probe(): tries faults out, once, and says what there is; `reason` if there are none. */
napi_value js_probe(napi_env env, napi_callback_info info) {
  (void)info;
  const char *reason = self_test();
  const napi_node_version *version;
  napi_get_node_version(env, &version);
  napi_value result;
  napi_create_object(env, &result);
  set_boolean(env, result, "faults", reason == NULL);
  if (reason) set_string(env, result, "reason", reason);
  set_string(env, result, "backend", frames_backend() == BACKEND_MEMFD ? "memfd" : "mremap");
  set_boolean(env, result, "terminate", guard_can_terminate());
  set_boolean(env, result, "installed", fault_installed());
  // Node 20 makes no external buffer above 4 GiB; later ones are bound by the address space.
  set_number(env, result, "maxBuffer", version->major < 22 ? 4294967296.0 : 17592186044416.0);
  return result;
}

/** configure(budget, hardLimit, readAhead, abort, backend, loadTimeout): frames, frames, blocks, boolean, 0-2, ms. */
napi_value js_configure(napi_env env, napi_callback_info info) {
  napi_value arguments[6];
  if (arguments_of(env, info, arguments, 6) < 6) return throw_type_error(env, "configure: six arguments");
  int backend = (int)number_of(env, arguments[4]);
  pthread_mutex_lock(&shim_mutex);
  bool late = frames_backend() != BACKEND_AUTO && backend != BACKEND_AUTO && backend != frames_backend() &&
              !self_test_again();
  if (!late) {
    settings.budget = (size_t)number_of(env, arguments[0]);
    settings.hard_limit = (size_t)number_of(env, arguments[1]);
    settings.read_ahead = (uint32_t)number_of(env, arguments[2]);
    settings.abort_on_error = boolean_of(env, arguments[3]);
    settings.backend = backend;
    settings.load_timeout = (uint32_t)number_of(env, arguments[5]);
    settings.configured = true;
    frames_fit();
    ring_ring();
  }
  pthread_mutex_unlock(&shim_mutex);
  if (late) napi_throw_error(env, "LATE", "the backend is already in use and cannot be changed");
  return undefined_value(env);
}

/** stats(): counts of frames, blocks and events. */
napi_value js_stats(napi_env env, napi_callback_info info) {
  (void)info;
  double states[BUSY + 1] = {0};
  pthread_mutex_lock(&shim_mutex);
  double pinned = 0;
  for (uint32_t i = 0; i < frames_high(); i++) {
    if (frames[i].use != PLACED) continue;
    states[atomic_load(&frames[i].region->words[frames[i].block])]++;
    if (frames[i].region->pins[frames[i].block] > 0) pinned++;
  }
  double loading = 0;
  for (Ticket *ticket = tickets_first(); ticket; ticket = ticket->next) loading++;
  double warm = (double)frames_warm();
  double free_frames = (double)frames_free();
  Settings now = settings;
  pthread_mutex_unlock(&shim_mutex);
  napi_value result;
  napi_create_object(env, &result);
  set_number(env, result, "budget", (double)now.budget * BLOCK);
  set_number(env, result, "hardLimit", (double)now.hard_limit * BLOCK);
  set_number(env, result, "readAhead", now.read_ahead);
  set_number(env, result, "loadTimeout", now.load_timeout);
  set_number(env, result, "abort", now.abort_on_error);
  set_number(env, result, "configured", now.configured);
  set_number(env, result, "frames", warm);
  set_number(env, result, "free", free_frames);
  set_number(env, result, "clean", states[CLEAN]);
  set_number(env, result, "aged", states[AGED]);
  set_number(env, result, "dirty", states[DIRTY]);
  set_number(env, result, "stored", states[STORED]);
  set_number(env, result, "pinned", pinned);
  set_number(env, result, "loading", loading);
  set_number(env, result, "waiting", (double)atomic_load(&counters.waiting));
  set_number(env, result, "readFaults", (double)atomic_load(&counters.read_faults));
  set_number(env, result, "writeFaults", (double)atomic_load(&counters.write_faults));
  set_number(env, result, "loads", (double)atomic_load(&counters.loads));
  set_number(env, result, "reloads", (double)atomic_load(&counters.reloads));
  set_number(env, result, "readAheads", (double)atomic_load(&counters.read_aheads));
  set_number(env, result, "agings", (double)atomic_load(&counters.aged));
  set_number(env, result, "touchedAgain", (double)atomic_load(&counters.touched_again));
  set_number(env, result, "evictions", (double)atomic_load(&counters.evictions));
  set_number(env, result, "loadErrors", (double)atomic_load(&counters.load_errors));
  set_number(env, result, "overBudget", (double)atomic_load(&counters.pressure));
  return result;
}
