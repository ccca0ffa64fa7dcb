# MPC_LINK=static: executables and libmpcrt.so need nothing but glibc at run time.
# Every link leaves archives/TARGET.tsv in the build folder, which
# tools/dev/release/notices compares with THIRD_PARTY_NOTICES.
file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/archives)
add_link_options(-static-libstdc++ -static-libgcc
  LINKER:--gc-sections LINKER:-O2
  "LINKER:-z,pack-relative-relocs" # from glibc 2.36 on
  LINKER:--print-archive-stats=${PROJECT_BINARY_DIR}/archives/$<TARGET_PROPERTY:NAME>.tsv)

# mpc_static_library(VARIABLE NAME): the path of libNAME.a, wherever the compiler
# looks for libraries.
function(mpc_static_library variable name)
  find_library(MPC_STATIC_${name} lib${name}.a REQUIRED)
  set(${variable} ${MPC_STATIC_${name}} PARENT_SCOPE)
endfunction()
