# LLVM and MLIR, the shared precompiled header, and mpc_library for everything
# that sees them.
find_package(MLIR 22.1 REQUIRED CONFIG HINTS /usr/lib/llvm-22/lib/cmake/mlir)
list(APPEND CMAKE_MODULE_PATH ${MLIR_CMAKE_DIR} ${LLVM_CMAKE_DIR})
include(TableGen)
include(AddLLVM)
include(AddMLIR)
# AddLLVM resets the output folder of executables.
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)

if(MPC_LINK STREQUAL dylib)
  set(MPC_LLVM_LIBS MLIR LLVM)
  # Installed tools find the shared libraries where the build found them.
  set(CMAKE_INSTALL_RPATH ${LLVM_LIBRARY_DIR})
elseif(MPC_LINK STREQUAL static)
  # By path: the exported CMake targets would bring libLLVM.so along.
  file(GLOB mlir_archives ${LLVM_LIBRARY_DIR}/libMLIR*.a)
  list(FILTER mlir_archives EXCLUDE REGEX "CAPI|Test")
  file(GLOB llvm_archives ${LLVM_LIBRARY_DIR}/libLLVM*.a)
  mpc_static_library(zlib z)
  mpc_static_library(zstd zstd)
  set(MPC_LLVM_LIBS ${mlir_archives} ${llvm_archives} ${zlib} ${zstd} m pthread dl)
else()
  message(FATAL_ERROR "MPC_LINK is '${MPC_LINK}'; expected dylib or static")
endif()

# Flags and include paths of a target that includes MLIR headers.
function(mpc_use_llvm name)
  separate_arguments(definitions NATIVE_COMMAND ${LLVM_DEFINITIONS})
  target_compile_options(${name} PRIVATE ${definitions} -fno-exceptions
                         -fvisibility-inlines-hidden -Wno-unused-parameter)
  target_include_directories(${name} SYSTEM PUBLIC ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
  if(MPC_PCH AND NOT name STREQUAL mpc_pch)
    target_precompile_headers(${name} REUSE_FROM mpc_pch)
    # The header is compiled for a library; an executable's -fPIE would not match.
    target_compile_options(${name} PRIVATE -fPIC)
    if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
      target_compile_options(${name} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
    endif()
  endif()
endfunction()

if(MPC_PCH)
  file(WRITE ${PROJECT_BINARY_DIR}/pch.cpp "")
  add_library(mpc_pch STATIC ${PROJECT_BINARY_DIR}/pch.cpp)
  mpc_use_llvm(mpc_pch)
  target_precompile_headers(mpc_pch PRIVATE ${PROJECT_SOURCE_DIR}/tools/cmake/pch.h)
  if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
    target_compile_options(mpc_pch PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
  endif()
endif()

# mpc_library(NAME LIBS...): all .cpp files of the current folder and of its
# rules/, emit/, emit/gpu/, gpu/ and math/ folders, built against MLIR.
function(mpc_library name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp
       ${CMAKE_CURRENT_SOURCE_DIR}/rules/*.cpp ${CMAKE_CURRENT_SOURCE_DIR}/emit/*.cpp
       ${CMAKE_CURRENT_SOURCE_DIR}/emit/gpu/*.cpp ${CMAKE_CURRENT_SOURCE_DIR}/gpu/*.cpp
       ${CMAKE_CURRENT_SOURCE_DIR}/math/*.cpp)
  add_library(${name} STATIC ${sources})
  mpc_use_llvm(${name})
  target_link_libraries(${name} PUBLIC ${ARGN})
  add_dependencies(${name} mpc_tablegen)
endfunction()

# Every generated header hangs off this one target.
add_custom_target(mpc_tablegen)

# mpc_generate(FILE.td OUTPUT ARGS...): runs mlir-tblgen for the current folder.
function(mpc_generate td)
  set(LLVM_TARGET_DEFINITIONS ${td})
  set(rest ${ARGN})
  while(rest)
    list(POP_FRONT rest output arguments)
    separate_arguments(arguments)
    mlir_tablegen(${output} ${arguments} EXTRA_INCLUDES ${PROJECT_SOURCE_DIR} ${MLIR_INCLUDE_DIRS})
  endwhile()
  string(MAKE_C_IDENTIFIER "gen_${CMAKE_CURRENT_SOURCE_DIR}_${td}" target)
  add_custom_target(${target} DEPENDS ${TABLEGEN_OUTPUT})
  add_dependencies(mpc_tablegen ${target})
endfunction()

# mpc_pass_library(NAME LIBS...): mpc_library plus the declarations generated
# from Passes.td of the current folder.
function(mpc_pass_library name)
  mpc_generate(Passes.td Passes.h.inc "-gen-pass-decls -name ${name}")
  mpc_library(${name} ${ARGN})
endfunction()
