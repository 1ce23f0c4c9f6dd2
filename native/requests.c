// Loading on request (load, prefetch, pin), the guard, and the loader's side (serve, complete, fail), as JavaScript sees
// them.

#include "addon.h"
#include "guard.h"
#include "loader.h"

#include <stdlib.h>
#include <string.h>

static bool is_loader(napi_env env) {
  if (!loader_is(thread_id())) return false;
  napi_throw_error(env, "LOADER", "a loader cannot load through a region: it would wait for itself");
  return true;
}

/** load(id, first, count): undefined, or the failure. */
napi_value js_load(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  arguments_of(env, info, arguments, 3);
  if (is_loader(env)) return NULL;
  pthread_mutex_lock(&shim_mutex);
  Region *region = region_argument(env, arguments[0]);
  if (region) region->references++;
  pthread_mutex_unlock(&shim_mutex);
  if (!region) return NULL;
  Failure failure;
  uint64_t id = region->id;
  bool ok = group_wait(region, (uint32_t)number_of(env, arguments[1]), (uint32_t)number_of(env, arguments[2]), &failure);
  pthread_mutex_lock(&shim_mutex);
  region_release(region);
  pthread_mutex_unlock(&shim_mutex);
  return ok ? undefined_value(env) : failure_value(env, &failure, id);
}

static void unpin(Region *region, uint32_t first, uint32_t count) {
  for (uint32_t block = first; block < first + count; block++)
    if (region->pins[block] > 0) region->pins[block]--;
}

/** pin(id, first, count, write): loads blocks, gives access, keeps them in memory. Undefined, or the failure. */
napi_value js_pin(napi_env env, napi_callback_info info) {
  napi_value arguments[4];
  arguments_of(env, info, arguments, 4);
  if (is_loader(env)) return NULL;
  uint32_t first = (uint32_t)number_of(env, arguments[1]);
  uint32_t count = (uint32_t)number_of(env, arguments[2]);
  bool write = boolean_of(env, arguments[3]);
  pthread_mutex_lock(&shim_mutex);
  Region *region = region_argument(env, arguments[0]);
  if (region) {
    region->references++;
    for (uint32_t block = first; block < first + count; block++) region->pins[block]++;
  }
  pthread_mutex_unlock(&shim_mutex);
  if (!region) return NULL;
  Failure failure;
  uint64_t id = region->id;
  uint32_t block = first;
  bool ok = true;
  // A block may be dropped between its load and its turn: then it is loaded again.
  for (int tries = 0; ok && block < first + count && tries < 100; tries++) {
    ok = group_wait(region, block, first + count - block, &failure);
    pthread_mutex_lock(&shim_mutex);
    while (ok && block < first + count && region_make_ready(region, block, write)) block++;
    pthread_mutex_unlock(&shim_mutex);
  }
  if (ok && block < first + count) {
    ok = false;
    failure = (Failure){block, "MAPPINGS", "no memory mapping left (vm.max_map_count)"};
  }
  pthread_mutex_lock(&shim_mutex);
  if (!ok) unpin(region, first, count);
  region_release(region);
  pthread_mutex_unlock(&shim_mutex);
  return ok ? undefined_value(env) : failure_value(env, &failure, id);
}

/** unpin(id, first, count) */
napi_value js_unpin(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  arguments_of(env, info, arguments, 3);
  pthread_mutex_lock(&shim_mutex);
  Region *region = region_by_id(number_of(env, arguments[0]));
  if (region) unpin(region, (uint32_t)number_of(env, arguments[1]), (uint32_t)number_of(env, arguments[2]));
  pthread_mutex_unlock(&shim_mutex);
  return undefined_value(env);
}

typedef struct Prefetch {
  Group group;
  uint64_t region;
  napi_threadsafe_function call;  // NULL: its thread has ended, nobody waits for the answer
} Prefetch;

static void thread_ends(void *data) {
  pthread_mutex_lock(&shim_mutex);
  ((Prefetch *)data)->call = NULL;
  pthread_mutex_unlock(&shim_mutex);
}

static void prefetch_finish(Group *group) {
  Prefetch *prefetch = group->data;
  if (!prefetch->call)
    free(prefetch);
  else
    napi_call_threadsafe_function(prefetch->call, prefetch, napi_tsfn_nonblocking);
}

static void prefetch_answer(napi_env env, napi_value callback, void *context, void *data) {
  (void)context;
  Prefetch *prefetch = data;
  if (env) {
    napi_threadsafe_function call = prefetch->call;
    napi_remove_env_cleanup_hook(env, thread_ends, prefetch);
    napi_value failure = prefetch->group.failed ? failure_value(env, &prefetch->group.failure, prefetch->region)
                                                : undefined_value(env);
    napi_call_function(env, undefined_value(env), callback, 1, &failure, NULL);
    napi_release_threadsafe_function(call, napi_tsfn_release);
  }
  free(prefetch);
}

/** prefetch(id, first, count, callback): calls back with undefined, or the failure. */
napi_value js_prefetch(napi_env env, napi_callback_info info) {
  napi_value arguments[4], name;
  arguments_of(env, info, arguments, 4);
  Prefetch *prefetch = calloc(1, sizeof *prefetch);
  if (!prefetch) return throw_type_error(env, "prefetch: out of memory");
  napi_create_string_utf8(env, "zodb prefetch", NAPI_AUTO_LENGTH, &name);
  if (napi_create_threadsafe_function(env, arguments[3], NULL, name, 0, 1, NULL, NULL, NULL, prefetch_answer,
                                      &prefetch->call) != napi_ok) {
    free(prefetch);
    return NULL;
  }
  napi_add_env_cleanup_hook(env, thread_ends, prefetch);
  pthread_mutex_lock(&shim_mutex);
  Region *region = region_argument(env, arguments[0]);
  if (region) {
    uint32_t first = (uint32_t)number_of(env, arguments[1]);
    uint32_t count = (uint32_t)number_of(env, arguments[2]);
    // More than the frames hold would only push itself out.
    if (count > settings.budget / 2) count = (uint32_t)settings.budget / 2;
    prefetch->region = region->id;
    prefetch->group = (Group){
        .region = region, .block = first, .end = first + count, .finish = prefetch_finish, .data = prefetch};
    group_add(&prefetch->group);
  }
  pthread_mutex_unlock(&shim_mutex);
  if (!region) {
    napi_remove_env_cleanup_hook(env, thread_ends, prefetch);
    napi_release_threadsafe_function(prefetch->call, napi_tsfn_abort);
    free(prefetch);
  }
  return undefined_value(env);
}

/** guard(fn): what fn returns; throws { region, block, code, message } if a load failed meanwhile on this thread. */
napi_value js_guard(napi_env env, napi_callback_info info) {
  napi_value arguments[1], result = NULL;
  arguments_of(env, info, arguments, 1);
  fault_install();
  Guarded *guarded = guard_enter();
  napi_call_function(env, undefined_value(env), arguments[0], 0, NULL, &result);
  Failure failure;
  uint64_t region;
  if (!guard_leave(guarded, &failure, &region)) return result;
  napi_value ignored;
  bool pending = false;
  napi_is_exception_pending(env, &pending);
  if (pending) napi_get_and_clear_last_exception(env, &ignored);
  napi_throw(env, failure_value(env, &failure, region));
  return NULL;
}

static void on_request(napi_env env, napi_value callback, void *context, void *unused) {
  (void)unused;
  if (!env) return;
  pthread_mutex_lock(&shim_mutex);
  Ticket *ticket = loader_next(context);
  double given[6] = {0};
  if (ticket) {
    given[0] = (double)ticket->region->id;
    given[1] = ticket->block;
    given[2] = ticket->generation;
    given[3] = ticket->token;
    given[4] = atomic_load(&ticket->region->words[ticket->block]) == AHEAD && !ticket->keep;
    given[5] = ticket->frame;
  }
  pthread_mutex_unlock(&shim_mutex);
  if (!ticket) return;
  napi_value arguments[6];
  for (int i = 0; i < 6; i++) arguments[i] = number_value(env, given[i]);
  if (napi_call_function(env, undefined_value(env), callback, 6, arguments, NULL) == napi_ok) return;
  bool pending = false;
  napi_value ignored;
  napi_is_exception_pending(env, &pending);
  if (pending) napi_get_and_clear_last_exception(env, &ignored);
  // native.ts catches what onLoad throws: only the end of the worker gets here.
  loader_fail(given[3], &loader_gone);
}

static void loader_ends(void *data) { loader_leave(data); }

/** serve(channel, callback(region, block, generation, token, prefetch, slot)): a number for stop(). */
napi_value js_serve(napi_env env, napi_callback_info info) {
  napi_value arguments[2], name, result = NULL;
  arguments_of(env, info, arguments, 2);
  napi_create_string_utf8(env, "zodb loader", NAPI_AUTO_LENGTH, &name);
  napi_threadsafe_function call;
  Server *server = loader_reserve((uint32_t)number_of(env, arguments[0]));
  if (!server) {
    napi_throw_error(env, "LOADER", "too many loaders");
    return NULL;
  }
  if (napi_create_threadsafe_function(env, arguments[1], NULL, name, 0, 1, NULL, NULL, server, on_request, &call) !=
      napi_ok)
    return NULL;
  // Hooks run last first: ours before the function's own, so that nobody calls it any more when it goes.
  napi_add_env_cleanup_hook(env, loader_ends, server);
  loader_join(server, call);
  napi_create_external(env, server, NULL, NULL, &result);
  return result;
}

/** stop(server): ends serving. What waits fails. */
napi_value js_stop(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  void *server = NULL;
  arguments_of(env, info, arguments, 1);
  if (napi_get_value_external(env, arguments[0], &server) != napi_ok) return throw_type_error(env, "stop: not a server");
  napi_threadsafe_function call = loader_leave(server);
  if (call) {
    napi_remove_env_cleanup_hook(env, loader_ends, server);
    napi_release_threadsafe_function(call, napi_tsfn_abort);
  }
  return undefined_value(env);
}

/** frame(slot): an ArrayBuffer on a frame of the pool, for the loader to fill. Pool memory is never unmapped. */
napi_value js_frame(napi_env env, napi_callback_info info) {
  napi_value arguments[1], result = NULL;
  arguments_of(env, info, arguments, 1);
  double slot = number_of(env, arguments[0]);
  if (!(slot >= 0 && slot < frames_high())) return throw_type_error(env, "frame: no such frame");
  if (napi_create_external_arraybuffer(env, frame_address((uint32_t)slot), BLOCK, NULL, NULL, &result) != napi_ok)
    napi_throw_error(env, "NO_EXTERNAL_BUFFERS", "this runtime forbids buffers on memory of its addons");
  return result;
}

/** complete(token, length, touched) */
napi_value js_complete(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  arguments_of(env, info, arguments, 3);
  double length = number_of(env, arguments[1]);
  if (!(length >= 0 && length <= BLOCK)) return throw_type_error(env, "complete: length must be within a block");
  double touched = number_of(env, arguments[2]);
  if (!(touched >= length && touched <= BLOCK)) touched = BLOCK;
  loader_complete(number_of(env, arguments[0]), (size_t)length, (size_t)touched);
  return undefined_value(env);
}

/** fail(token, message, code) */
napi_value js_fail(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  arguments_of(env, info, arguments, 3);
  Failure failure = {.code = "LOAD", .message = "the block could not be loaded"};
  size_t length;
  napi_get_value_string_utf8(env, arguments[1], failure.message, sizeof failure.message, &length);
  napi_get_value_string_utf8(env, arguments[2], failure.code, sizeof failure.code, &length);
  loader_fail(number_of(env, arguments[0]), &failure);
  return undefined_value(env);
}

/** shutdown(): nothing is loaded any more; who waits goes on with zeros. */
napi_value js_shutdown(napi_env env, napi_callback_info info) {
  (void)info;
  loader_shutdown();
  return undefined_value(env);
}
