// The face of the addon: its functions by name. src/bigfile/native.ts puts classes and checks over them.

#include "addon.h"

#define METHOD(name, function) {name, NULL, function, NULL, NULL, NULL, napi_default, NULL}

NAPI_MODULE_INIT() {
  const napi_property_descriptor methods[] = {
      METHOD("flock", js_flock),
      METHOD("probe", js_probe),
      METHOD("configure", js_configure),
      METHOD("stats", js_stats),
      METHOD("open", js_open),
      METHOD("buffer", js_buffer),
      METHOD("detach", js_detach),
      METHOD("close", js_close),
      METHOD("setSnapshot", js_set_snapshot),
      METHOD("dirtyBlocks", js_dirty_blocks),
      METHOD("beginStore", js_begin_store),
      METHOD("finishStore", js_finish_store),
      METHOD("drop", js_drop),
      METHOD("dropChanged", js_drop_changed),
      METHOD("dropPoisoned", js_drop_poisoned),
      METHOD("state", js_state),
      METHOD("poisoned", js_poisoned),
      METHOD("takeError", js_take_error),
      METHOD("load", js_load),
      METHOD("prefetch", js_prefetch),
      METHOD("pin", js_pin),
      METHOD("unpin", js_unpin),
      METHOD("guard", js_guard),
      METHOD("serve", js_serve),
      METHOD("stop", js_stop),
      METHOD("frame", js_frame),
      METHOD("complete", js_complete),
      METHOD("fail", js_fail),
      METHOD("shutdown", js_shutdown),
  };
  if (napi_define_properties(env, exports, sizeof methods / sizeof *methods, methods) != napi_ok) return NULL;
  return exports;
}
