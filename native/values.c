// Values between JavaScript and C. Arguments are checked by src/bigfile/native.ts; what is wrong here anyway becomes NaN
// or NULL and is refused by whoever uses it.

#include "addon.h"

#include <math.h>

size_t arguments_of(napi_env env, napi_callback_info info, napi_value *arguments, size_t most) {
  size_t count = most;
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  return count;
}

double number_of(napi_env env, napi_value value) {
  double number = NAN;
  napi_get_value_double(env, value, &number);
  return number;
}

bool boolean_of(napi_env env, napi_value value) {
  bool result = false;
  napi_get_value_bool(env, value, &result);
  return result;
}

napi_value number_value(napi_env env, double number) {
  napi_value value = NULL;
  napi_create_double(env, number, &value);
  return value;
}

napi_value undefined_value(napi_env env) {
  napi_value value = NULL;
  napi_get_undefined(env, &value);
  return value;
}

napi_value throw_type_error(napi_env env, const char *message) {
  napi_throw_type_error(env, "ARGUMENT", message);
  return NULL;
}

void set_number(napi_env env, napi_value object, const char *name, double number) {
  napi_set_named_property(env, object, name, number_value(env, number));
}

void set_boolean(napi_env env, napi_value object, const char *name, bool value) {
  napi_value boolean;
  napi_get_boolean(env, value, &boolean);
  napi_set_named_property(env, object, name, boolean);
}

void set_string(napi_env env, napi_value object, const char *name, const char *value) {
  napi_value string;
  napi_create_string_utf8(env, value, NAPI_AUTO_LENGTH, &string);
  napi_set_named_property(env, object, name, string);
}

napi_value failure_value(napi_env env, const Failure *failure, uint64_t region) {
  napi_value object;
  napi_create_object(env, &object);
  set_number(env, object, "region", (double)region);
  set_number(env, object, "block", failure->block);
  set_string(env, object, "code", failure->code);
  set_string(env, object, "message", failure->message);
  return object;
}

/** The open region of a number; throws if there is none. The mutex must be held for as long as it is used. */
Region *region_argument(napi_env env, napi_value value) {
  Region *region = region_by_id(number_of(env, value));
  if (!region) napi_throw_error(env, "CLOSED", "the region is closed");
  return region;
}
