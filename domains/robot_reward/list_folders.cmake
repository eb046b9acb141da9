# cmake -DMODULE=FILE.so -P list_folders.cmake: writes FILE.so.folders, the folders outside /usr and /lib* of the libraries that FILE.so needs,
# one a line.
file(GET_RUNTIME_DEPENDENCIES MODULES ${MODULE} RESOLVED_DEPENDENCIES_VAR found UNRESOLVED_DEPENDENCIES_VAR missing
     CONFLICTING_DEPENDENCIES_PREFIX several POST_EXCLUDE_REGEXES "^/(usr|lib|lib32|lib64|libx32)/")
foreach(name ${several_FILENAMES})
  list(APPEND found ${several_${name}})
endforeach()
set(folders)
foreach(library ${found})
  cmake_path(GET library PARENT_PATH folder)
  cmake_path(NORMAL_PATH folder)
  list(APPEND folders ${folder})
endforeach()
list(REMOVE_DUPLICATES folders)
list(SORT folders)
list(JOIN folders "\n" lines)
file(WRITE ${MODULE}.folders "${lines}\n")
