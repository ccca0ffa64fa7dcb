file(REMOVE_RECURSE ${WORK})
function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

run(${CMAKE_COMMAND} --install ${BUILD} --component runtime --prefix ${WORK}/prefix)
# Moved, as a package would be.
file(RENAME ${WORK}/prefix ${WORK}/moved)
run(${CMAKE_COMMAND} -G Ninja -S ${SOURCE}/user -B ${WORK}/build
  -D CMAKE_PREFIX_PATH=${WORK}/moved -D MPCRT_MPC=${SOURCE}/user/record-arguments
  -D CMAKE_C_COMPILER=${C} -D CMAKE_CXX_COMPILER=${CXX}
  -D CMAKE_C_FLAGS=${FLAGS} -D CMAKE_CXX_FLAGS=${FLAGS})
run(${CMAKE_COMMAND} --build ${WORK}/build)
foreach(program static shared plain-c)
  run(${WORK}/build/${program})
endforeach()

file(READ ${WORK}/build/net.mpx found)
set(expected "compile --config ${SOURCE}/user/config.json ${SOURCE}/user/model.json -o ${WORK}/build/net.mpx\n")
if(NOT found STREQUAL expected)
  message(FATAL_ERROR "mpcrt_add_model ran mpc with\n  ${found}expected\n  ${expected}")
endif()
