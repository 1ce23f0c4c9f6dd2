// counteven(array): how many numbers of a typed array of integers are even. It knows nothing of databases or of memory
// that loads itself: Node-API gives it a pointer and a length, and it reads.

#include <node_api.h>
#include <stdint.h>
#include <stdio.h>

#define COUNT(type)                                                               \
  do {                                                                            \
    const type *numbers = data;                                                   \
    for (size_t i = 0; i < length; i++) count += (numbers[i] & 1) == 0;           \
  } while (0)

static napi_value refuse(napi_env env, const char *given) {
  char message[200];
  snprintf(message, sizeof message,
           "counteven: the argument must be a typed array of integers (Int32Array, BigInt64Array, ...), not %s", given);
  napi_throw_type_error(env, "COUNTEVEN_ARGUMENT", message);
  return NULL;
}

static const char *kind_of(napi_env env, napi_value value) {
  static const char *const names[] = {
      [napi_undefined] = "undefined", [napi_null] = "null",     [napi_boolean] = "a boolean",
      [napi_number] = "a number",     [napi_string] = "a string", [napi_symbol] = "a symbol",
      [napi_object] = "an object",    [napi_function] = "a function", [napi_external] = "an object",
      [napi_bigint] = "a bigint",
  };
  bool is;
  if (napi_is_array(env, value, &is) == napi_ok && is) return "a plain array";
  if (napi_is_dataview(env, value, &is) == napi_ok && is) return "a DataView";
  napi_valuetype type = napi_undefined;
  napi_typeof(env, value, &type);
  return type <= napi_bigint ? names[type] : "something else";
}

static napi_value counteven(napi_env env, napi_callback_info info) {
  napi_value array, result;
  size_t arguments = 1;
  napi_get_cb_info(env, info, &arguments, &array, NULL, NULL);
  bool is = false;
  if (napi_is_typedarray(env, array, &is) != napi_ok || !is) return refuse(env, kind_of(env, array));

  napi_typedarray_type type;
  size_t length;
  void *data;
  napi_get_typedarray_info(env, array, &type, &length, &data, NULL, NULL);
  uint64_t count = 0;
  switch (type) {
    case napi_int8_array:
    case napi_uint8_array:
    case napi_uint8_clamped_array:
      COUNT(uint8_t);
      break;
    case napi_int16_array:
    case napi_uint16_array:
      COUNT(uint16_t);
      break;
    case napi_int32_array:
    case napi_uint32_array:
      COUNT(uint32_t);
      break;
    case napi_bigint64_array:
    case napi_biguint64_array:
      COUNT(uint64_t);
      break;
    case napi_float32_array:
      return refuse(env, "a Float32Array");
    case napi_float64_array:
      return refuse(env, "a Float64Array");
    default:
      return refuse(env, "a typed array of another kind");
  }
  napi_create_double(env, (double)count, &result);
  return result;
}

NAPI_MODULE_INIT() {
  napi_value function;
  if (napi_create_function(env, "counteven", NAPI_AUTO_LENGTH, counteven, NULL, &function) != napi_ok ||
      napi_set_named_property(env, exports, "counteven", function) != napi_ok)
    return NULL;
  return exports;
}
