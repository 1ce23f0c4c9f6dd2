#ifndef ADDON_H
#define ADDON_H

#include <node_api.h>

#include "shim.h"

// values.c
size_t arguments_of(napi_env env, napi_callback_info info, napi_value *arguments, size_t most);
double number_of(napi_env env, napi_value value);
bool boolean_of(napi_env env, napi_value value);
napi_value number_value(napi_env env, double number);
napi_value undefined_value(napi_env env);
napi_value throw_type_error(napi_env env, const char *message);
napi_value failure_value(napi_env env, const Failure *failure, uint64_t region);
void set_number(napi_env env, napi_value object, const char *name, double number);
void set_boolean(napi_env env, napi_value object, const char *name, bool value);
void set_string(napi_env env, napi_value object, const char *name, const char *value);
Region *region_argument(napi_env env, napi_value value);

// flock.c, settings.c, handle.c, requests.c
napi_value js_flock(napi_env env, napi_callback_info info);
napi_value js_probe(napi_env env, napi_callback_info info);
napi_value js_configure(napi_env env, napi_callback_info info);
napi_value js_stats(napi_env env, napi_callback_info info);
napi_value js_open(napi_env env, napi_callback_info info);
napi_value js_buffer(napi_env env, napi_callback_info info);
napi_value js_detach(napi_env env, napi_callback_info info);
napi_value js_close(napi_env env, napi_callback_info info);
napi_value js_set_snapshot(napi_env env, napi_callback_info info);
napi_value js_dirty_blocks(napi_env env, napi_callback_info info);
napi_value js_begin_store(napi_env env, napi_callback_info info);
napi_value js_finish_store(napi_env env, napi_callback_info info);
napi_value js_drop(napi_env env, napi_callback_info info);
napi_value js_drop_changed(napi_env env, napi_callback_info info);
napi_value js_drop_poisoned(napi_env env, napi_callback_info info);
napi_value js_state(napi_env env, napi_callback_info info);
napi_value js_poisoned(napi_env env, napi_callback_info info);
napi_value js_take_error(napi_env env, napi_callback_info info);
napi_value js_load(napi_env env, napi_callback_info info);
napi_value js_prefetch(napi_env env, napi_callback_info info);
napi_value js_pin(napi_env env, napi_callback_info info);
napi_value js_unpin(napi_env env, napi_callback_info info);
napi_value js_guard(napi_env env, napi_callback_info info);
napi_value js_serve(napi_env env, napi_callback_info info);
napi_value js_stop(napi_env env, napi_callback_info info);
napi_value js_frame(napi_env env, napi_callback_info info);
napi_value js_complete(napi_env env, napi_callback_info info);
napi_value js_fail(napi_env env, napi_callback_info info);
napi_value js_shutdown(napi_env env, napi_callback_info info);

#endif
