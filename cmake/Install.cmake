# cmake --install: the program, the library of scenarios, the schemas, the docs, the shell
# completions.
if(TARGET squall)
  install(TARGETS squall RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  install(TARGETS qemu-turns LIBRARY DESTINATION lib/squall)
endif()
foreach(folder scenarios topologies examples schemas)
  if(IS_DIRECTORY ${PROJECT_SOURCE_DIR}/${folder})
    install(DIRECTORY ${folder} DESTINATION ${CMAKE_INSTALL_DATADIR}/squall)
  endif()
endforeach()
if(IS_DIRECTORY ${PROJECT_SOURCE_DIR}/docs)
  install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR})
endif()
install(FILES README.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} OPTIONAL)
install(FILES completions/squall.bash OPTIONAL RENAME squall
  DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES completions/_squall OPTIONAL
  DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install(FILES completions/squall.fish OPTIONAL
  DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
