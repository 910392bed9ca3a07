export const id = 759;
export const ids = [759];
export const modules = {

/***/ 7451:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   k: () => (/* binding */ ProxyAgent)
/* harmony export */ });
/**
 * Stands in for undici (package.json, `overrides`). `@actions/http-client`, and with it `@actions/core`, imports it for
 * `getAgentDispatcher`, which neither we nor `@actions/cache` call; loading it took a third of the time to start.
 */
class ProxyAgent {
  constructor() {
    throw new Error('undici is left out of this bundle: see overrides in package.json')
  }
}


/***/ })

};

//# sourceMappingURL=759.index.js.map