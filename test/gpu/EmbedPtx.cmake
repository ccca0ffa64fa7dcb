# ${PTX} as a C++ string in ${PTX}.inc, for the oldest driver that it needs: the compiler
# names the newest version it knows.
file(READ ${PTX} text)
string(REGEX REPLACE "\\.version [0-9.]+" ".version 7.0" text "${text}")
file(WRITE ${PTX}.inc "R\"ptx(${text})ptx\"\n")
