# mpcrt_add_model(NAME MODEL CONFIG [DEPENDS FILE...])
#
# Compiles MODEL with the training configuration CONFIG to NAME.mpx in the
# current build folder, again whenever one of the two, a file after DEPENDS
# (external weights, say) or the compiler changes. Defines the library NAME; who
# links it is built after the artifact and can include "NAME.h", which defines
# the artifact's path as the string NAME_MPX, in capitals.
function(mpcrt_add_model name model config)
  cmake_parse_arguments(PARSE_ARGV 3 arg "" "" "DEPENDS")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "mpcrt_add_model: unexpected '${arg_UNPARSED_ARGUMENTS}'; "
      "expected NAME MODEL CONFIG [DEPENDS FILE...]")
  endif()
  if(NOT MPCRT_MPC)
    message(FATAL_ERROR "mpcrt_add_model needs the mpc command, which was not "
      "found; install mpc or set MPCRT_MPC to its path")
  endif()
  get_filename_component(model ${model} ABSOLUTE)
  get_filename_component(config ${config} ABSOLUTE)
  set(artifact ${CMAKE_CURRENT_BINARY_DIR}/${name}.mpx)
  add_custom_command(OUTPUT ${artifact}
    COMMAND ${MPCRT_MPC} compile --config ${config} ${model} -o ${artifact}
    DEPENDS ${model} ${config} ${MPCRT_MPC} ${arg_DEPENDS}
    COMMENT "Compiling model ${name}" VERBATIM)
  add_custom_target(${name}_artifact DEPENDS ${artifact})

  string(MAKE_C_IDENTIFIER ${name} macro)
  string(TOUPPER ${macro} macro)
  set(headers ${CMAKE_CURRENT_BINARY_DIR}/${name}_include)
  file(CONFIGURE OUTPUT ${headers}/${name}.h CONTENT [[
/* Where the artifact of model @name@ lies. */
#define @macro@_MPX "@artifact@"
]] @ONLY)
  add_library(${name} INTERFACE)
  target_include_directories(${name} INTERFACE ${headers})
  add_dependencies(${name} ${name}_artifact)
endfunction()
