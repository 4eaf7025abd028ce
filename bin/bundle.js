// Loads the bundle with V8's code cache that the build made after running the everyday commands. Node's own compile
// cache holds no function that is compiled when first called, which is nearly all of them: 15 ms of each start.
'use strict';
const { existsSync, readFileSync } = require('node:fs');
const Module = require('node:module');
const { dirname } = require('node:path');
const vm = require('node:vm');

/** Where the code cache of this runtime is: another V8 would refuse it. */
function cacheFileOf(bundle) {
  return `${bundle}.${process.versions.v8}-${process.arch}.cache`;
}

/** The bundle's exports. Without a cache for this runtime, Node's own way. */
function loadBundle(bundle) {
  // For the libraries beside the bundle, and for the bundle where it has no cache of its own.
  Module.enableCompileCache();
  const cache = cacheFileOf(bundle);
  return existsSync(cache) ? evaluate(bundle, readFileSync(cache)).exports : require(bundle);
}

/** Evaluates the bundle as require() does, but from a script that can be cached. */
function evaluate(bundle, cachedData) {
  const script = new vm.Script(Module.wrap(readFileSync(bundle, 'latin1')), { filename: bundle, cachedData });
  const module = new Module(bundle, null);
  module.filename = bundle;
  const require = Module.createRequire(bundle);
  // oclif requires the bundle again, by its path, and must get this one.
  require.cache[bundle] = module;
  script.runInThisContext().call(module.exports, module.exports, require, module, bundle, dirname(bundle));
  module.loaded = true;
  return { exports: module.exports, script };
}

module.exports = { cacheFileOf, evaluate, loadBundle };
