// A file handle's region as JavaScript sees it: its buffers, its changed blocks, what to forget.

#include "addon.h"

#include <stdlib.h>

/** open(reserve, minimum, channel): [id, bytes reserved], or undefined when there is not that much address space. */
napi_value js_open(napi_env env, napi_callback_info info) {
  napi_value arguments[3], result;
  arguments_of(env, info, arguments, 3);
  size_t reserve = (size_t)number_of(env, arguments[0]);
  Region *region =
      region_open(&reserve, (size_t)number_of(env, arguments[1]), (uint32_t)number_of(env, arguments[2]));
  if (!region) return undefined_value(env);
  napi_create_array_with_length(env, 2, &result);
  napi_set_element(env, result, 0, number_value(env, (double)region->id));
  napi_set_element(env, result, 1, number_value(env, (double)reserve));
  return result;
}

static void buffer_gone(napi_env env, void *data, void *hint) {
  (void)env;
  (void)data;
  pthread_mutex_lock(&shim_mutex);
  region_release(hint);
  pthread_mutex_unlock(&shim_mutex);
}

/** buffer(id, offset, length): a new ArrayBuffer on the region's memory. */
napi_value js_buffer(napi_env env, napi_callback_info info) {
  napi_value arguments[3], result = NULL;
  arguments_of(env, info, arguments, 3);
  pthread_mutex_lock(&shim_mutex);
  Region *region = region_argument(env, arguments[0]);
  uint8_t *address = NULL;
  size_t length = (size_t)number_of(env, arguments[2]);
  if (region) {
    address = region_address(region, 0) + (size_t)number_of(env, arguments[1]);
    region->references++;
  }
  pthread_mutex_unlock(&shim_mutex);
  if (!region) return NULL;
  napi_status status = napi_create_external_arraybuffer(env, address, length, buffer_gone, region, &result);
  if (status == napi_ok) return result;
  buffer_gone(env, NULL, region);
  bool pending = false;
  napi_is_exception_pending(env, &pending);
  if (status == napi_no_external_buffers_allowed)
    napi_throw_error(env, "NO_EXTERNAL_BUFFERS",
                     "this runtime (Electron?) forbids buffers on memory of its addons: use explicit reads and writes");
  else if (!pending)
    napi_throw_error(env, "BUFFER", "the buffer could not be made");
  return NULL;
}

/** detach(buffer): its length becomes 0. */
napi_value js_detach(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  arguments_of(env, info, arguments, 1);
  napi_detach_arraybuffer(env, arguments[0]);
  return undefined_value(env);
}

/** close(id) */
napi_value js_close(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  arguments_of(env, info, arguments, 1);
  pthread_mutex_lock(&shim_mutex);
  Region *region = region_argument(env, arguments[0]);
  if (region) region_close(region);
  pthread_mutex_unlock(&shim_mutex);
  return undefined_value(env);
}

/** setSnapshot(id, generation, blocks): loads begun before are repeated; read-ahead stays below `blocks`. */
napi_value js_set_snapshot(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  arguments_of(env, info, arguments, 3);
  fault_install();
  pthread_mutex_lock(&shim_mutex);
  Region *region = region_argument(env, arguments[0]);
  if (region) {
    double end = number_of(env, arguments[2]);
    region->generation = number_of(env, arguments[1]);
    region->end = end >= 0 && end < region->blocks ? (uint32_t)end : region->blocks;
  }
  pthread_mutex_unlock(&shim_mutex);
  return undefined_value(env);
}

/** dirtyBlocks(id): Float64Array, ascending. */
napi_value js_dirty_blocks(napi_env env, napi_callback_info info) {
  napi_value arguments[1], buffer, result = NULL;
  arguments_of(env, info, arguments, 1);
  size_t count = 0;
  uint32_t *blocks = NULL;
  pthread_mutex_lock(&shim_mutex);
  Region *region = region_argument(env, arguments[0]);
  if (region) {
    size_t room = frames_high();
    blocks = malloc((room + 1) * sizeof *blocks);
    if (blocks) count = region_dirty(region, blocks, room);
  }
  pthread_mutex_unlock(&shim_mutex);
  if (!region) return NULL;
  void *data;
  if (!blocks || napi_create_arraybuffer(env, count * sizeof(double), &data, &buffer) != napi_ok) {
    free(blocks);
    napi_throw_error(env, "MEMORY", "no memory for the list of changed blocks");
    return NULL;
  }
  for (size_t i = 0; i < count; i++) ((double *)data)[i] = blocks[i];
  free(blocks);
  napi_create_typedarray(env, napi_float64_array, count, buffer, 0, &result);
  return result;
}

/** beginStore(id, block): whether the block was dirty and is stored now. */
napi_value js_begin_store(napi_env env, napi_callback_info info) {
  napi_value arguments[2], result = NULL;
  arguments_of(env, info, arguments, 2);
  pthread_mutex_lock(&shim_mutex);
  Region *region = region_argument(env, arguments[0]);
  double block = number_of(env, arguments[1]);
  bool ok = region && block >= 0 && block < region->blocks && region_begin_store(region, (uint32_t)block);
  pthread_mutex_unlock(&shim_mutex);
  if (region) napi_get_boolean(env, ok, &result);
  return result;
}

/** finishStore(id, ok) */
napi_value js_finish_store(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  arguments_of(env, info, arguments, 2);
  pthread_mutex_lock(&shim_mutex);
  Region *region = region_argument(env, arguments[0]);
  if (region) region_finish_store(region, boolean_of(env, arguments[1]));
  pthread_mutex_unlock(&shim_mutex);
  return undefined_value(env);
}

/** drop(id, Float64Array): forgets what is in memory of these blocks. */
napi_value js_drop(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  arguments_of(env, info, arguments, 2);
  napi_typedarray_type type;
  size_t count;
  void *data;
  if (napi_get_typedarray_info(env, arguments[1], &type, &count, &data, NULL, NULL) != napi_ok ||
      type != napi_float64_array)
    return throw_type_error(env, "drop: blocks must be a Float64Array");
  pthread_mutex_lock(&shim_mutex);
  Region *region = region_argument(env, arguments[0]);
  for (size_t i = 0; region && i < count; i++) {
    double block = ((double *)data)[i];
    if (block >= 0 && block < region->blocks) region_drop(region, (uint32_t)block);
  }
  pthread_mutex_unlock(&shim_mutex);
  return undefined_value(env);
}

static napi_value with_region(napi_env env, napi_callback_info info, void (*act)(Region *region)) {
  napi_value arguments[1];
  arguments_of(env, info, arguments, 1);
  pthread_mutex_lock(&shim_mutex);
  Region *region = region_argument(env, arguments[0]);
  if (region) act(region);
  pthread_mutex_unlock(&shim_mutex);
  return undefined_value(env);
}

/** dropChanged(id) */
napi_value js_drop_changed(napi_env env, napi_callback_info info) {
  return with_region(env, info, region_drop_changed);
}

/** dropPoisoned(id) */
napi_value js_drop_poisoned(napi_env env, napi_callback_info info) {
  return with_region(env, info, region_drop_poisoned);
}

/** state(id, block): a number of enum State. */
napi_value js_state(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  arguments_of(env, info, arguments, 2);
  uint32_t state = ABSENT;
  pthread_mutex_lock(&shim_mutex);
  Region *region = region_argument(env, arguments[0]);
  double block = number_of(env, arguments[1]);
  if (region && block >= 0 && block < region->blocks) state = atomic_load(&region->words[(uint32_t)block]);
  pthread_mutex_unlock(&shim_mutex);
  return region ? number_value(env, state) : NULL;
}

/** poisoned(id): how many blocks are zeros because their load failed. */
napi_value js_poisoned(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  arguments_of(env, info, arguments, 1);
  pthread_mutex_lock(&shim_mutex);
  Region *region = region_argument(env, arguments[0]);
  uint32_t count = region ? region->poisoned_count : 0;
  pthread_mutex_unlock(&shim_mutex);
  return region ? number_value(env, count) : NULL;
}

/** takeError(id): the first failure not taken yet, or undefined. Of many, only the first ones are kept. */
napi_value js_take_error(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  arguments_of(env, info, arguments, 1);
  Failure failure;
  uint64_t id = 0;
  pthread_mutex_lock(&shim_mutex);
  Region *region = region_argument(env, arguments[0]);
  if (region && region->failures_taken < region->failure_count) {
    failure = region->failures[region->failures_taken++];
    id = region->id;
  }
  pthread_mutex_unlock(&shim_mutex);
  return id == 0 ? undefined_value(env) : failure_value(env, &failure, id);
}
