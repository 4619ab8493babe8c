# posenc::PosEncRuntime, to run compiled models, and the libraries that it opens. No MLIR.
include("${CMAKE_CURRENT_LIST_DIR}/posencRuntimeTargets.cmake")
