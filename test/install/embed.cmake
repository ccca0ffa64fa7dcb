file(REMOVE_RECURSE ${WORK})
function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/prefix)
run(${CMAKE_COMMAND} -G Ninja -S ${ROOT}/examples/embed -B ${WORK}/build
  -D CMAKE_PREFIX_PATH=${WORK}/prefix -D CMAKE_CXX_COMPILER=${CXX})
run(${CMAKE_COMMAND} --build ${WORK}/build)
execute_process(COMMAND ${WORK}/build/embed ${ROOT}/examples/data/digits-train.npz
  OUTPUT_VARIABLE log COMMAND_ERROR_IS_FATAL ANY)
message("${log}")

# A uniform guess among ten classes has loss ln 10 = 2.30.
if(NOT log MATCHES "step 500 loss ([0-9.]+)" OR NOT CMAKE_MATCH_1 LESS 1.0)
  message(FATAL_ERROR "the example did not train: expected a loss below 1 at step 500")
endif()
