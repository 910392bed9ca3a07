export const id = 205;
export const ids = [205];
export const modules = {

/***/ 6661:
/***/ ((module, __webpack_exports__, __webpack_require__) => {

__webpack_require__.a(module, async (__webpack_handle_async_dependencies__, __webpack_async_result__) => { try {
__webpack_require__.r(__webpack_exports__);
/**
 * The entry of `post`: ends what the step could not end itself, and loads nothing where nothing is left. It is a program
 * of its own, because a step that is killed while it starts has saved no state by which the same program could tell its
 * `post` from a step, and would build and publish in it.
 */
// https://docs.github.com/actions/reference/workflow-commands-for-github-actions#sending-values-to-the-pre-and-post-actions
const { STATE_leftovers: leftovers = '' } = process.env;
if (leftovers !== '') {
    const { start } = await Promise.all(/* import() | start */[__webpack_require__.e(457), __webpack_require__.e(445)]).then(__webpack_require__.bind(__webpack_require__, 618));
    await start(new AbortController().signal, async (ports) => {
        const { endLeftovers, parseLeftovers } = await __webpack_require__.e(/* import() | leftovers */ 577).then(__webpack_require__.bind(__webpack_require__, 1739));
        const troubles = await endLeftovers(ports, parseLeftovers(leftovers));
        for (const trouble of troubles)
            ports.log.warning(trouble, { title: 'Stagegate could not clean up' });
    });
}


__webpack_async_result__();
} catch(e) { __webpack_async_result__(e); } }, 1);

/***/ })

};

//# sourceMappingURL=205.index.js.map