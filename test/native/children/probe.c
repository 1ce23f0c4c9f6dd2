// A second addon for the tests: what native code of others does with memory, and ways to die.

#include <node_api.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static void *bytes_of(napi_env env, napi_value array, size_t *length) {
  napi_typedarray_type type;
  void *data = NULL;
  napi_get_typedarray_info(env, array, &type, length, &data, NULL, NULL);
  return data;
}

static napi_value number(napi_env env, double value) {
  napi_value result;
  napi_create_double(env, value, &result);
  return result;
}

/* copy(to, from): memcpy of two Uint8Arrays of one length */
static napi_value copy(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  size_t count = 2, to_length, from_length;
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  void *to = bytes_of(env, arguments[0], &to_length);
  void *from = bytes_of(env, arguments[1], &from_length);
  memcpy(to, from, to_length < from_length ? to_length : from_length);
  return number(env, 0);
}

static int ascending(const void *a, const void *b) {
  uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
  return left < right ? -1 : left > right;
}

/* sort(array): qsort of a Uint32Array */
static napi_value sort(napi_env env, napi_callback_info info) {
  napi_value array;
  size_t count = 1, length;
  napi_get_cb_info(env, info, &count, &array, NULL, NULL);
  uint32_t *data = bytes_of(env, array, &length);
  qsort(data, length, sizeof *data, ascending);
  return number(env, 0);
}

/* crash(): writes where nothing is */
static napi_value crash(napi_env env, napi_callback_info info) {
  (void)info;
  volatile uintptr_t nowhere = 16;
  *(volatile int *)nowhere = 1;
  return number(env, 0);
}

/* fork(array?): the exit code of a child that reads the first byte, if given; minus the signal that ended it */
static napi_value fork_child(napi_env env, napi_callback_info info) {
  napi_value array;
  size_t count = 1, length;
  napi_get_cb_info(env, info, &count, &array, NULL, NULL);
  volatile uint8_t *bytes = count > 0 ? bytes_of(env, array, &length) : NULL;
  int status = -1;
  pid_t child = fork();
  if (child == 0) _exit(bytes ? *bytes : 42);
  waitpid(child, &status, 0);
  return number(env, WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status));
}

/* crowd(spare): uses up the kernel mappings of the process but for so many; how many it took */
static napi_value crowd(napi_env env, napi_callback_info info) {
  napi_value spare_value;
  size_t count = 1;
  double spare = 0;
  napi_get_cb_info(env, info, &count, &spare_value, NULL, NULL);
  napi_get_value_double(env, spare_value, &spare);
  size_t page = (size_t)sysconf(_SC_PAGESIZE), most = 200000, taken = 0;
  uint8_t *memory = mmap(NULL, 2 * most * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return number(env, 0);
  // Every second page is another mapping than its neighbours.
  while (taken < most && mprotect(memory + 2 * taken * page, page, PROT_READ) == 0) taken++;
  for (double free = 0; free < spare && taken > 0; free += 2) {
    taken--;
    mprotect(memory + 2 * taken * page, page, PROT_NONE);
  }
  return number(env, (double)taken);
}

NAPI_MODULE_INIT() {
  const napi_property_descriptor methods[] = {
      {"copy", NULL, copy, NULL, NULL, NULL, napi_default, NULL},
      {"sort", NULL, sort, NULL, NULL, NULL, napi_default, NULL},
      {"crash", NULL, crash, NULL, NULL, NULL, napi_default, NULL},
      {"crowd", NULL, crowd, NULL, NULL, NULL, napi_default, NULL},
      {"fork", NULL, fork_child, NULL, NULL, NULL, napi_default, NULL},
  };
  napi_define_properties(env, exports, sizeof methods / sizeof *methods, methods);
  return exports;
}
