# Component `documentation`: what a release has beside programs and libraries. The
# prefix is the folder itself, so that a tarball has it at its top and a Debian package
# below /usr/share/doc.
install(DIRECTORY docs examples DESTINATION . USE_SOURCE_PERMISSIONS
  COMPONENT documentation EXCLUDE_FROM_ALL PATTERN __pycache__ EXCLUDE)
install(FILES README.md LICENSE THIRD_PARTY_NOTICES DESTINATION .
  COMPONENT documentation EXCLUDE_FROM_ALL)
