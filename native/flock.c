// The lock on a whole file that Python's zc.lockfile takes: flock(2), which Node does not offer. Two programs that both
// take it exclude each other.

#include "addon.h"

#include <errno.h>
#include <sys/file.h>

/** flock(fd, nonblocking = true): takes the exclusive lock. Returns 0, or the error number (EWOULDBLOCK: held). */
napi_value js_flock(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  size_t count = arguments_of(env, info, arguments, 2);
  int32_t fd = -1;
  bool nonblocking = true;
  if (count < 1 || napi_get_value_int32(env, arguments[0], &fd) != napi_ok)
    return throw_type_error(env, "flock: the file descriptor must be a number");
  if (count > 1) napi_get_value_bool(env, arguments[1], &nonblocking);
  int result;
  do {
    result = flock(fd, nonblocking ? LOCK_EX | LOCK_NB : LOCK_EX);
  } while (result != 0 && errno == EINTR);
  return number_value(env, result == 0 ? 0 : errno);
}
