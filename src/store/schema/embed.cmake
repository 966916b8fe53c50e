# Turns the numbered .sql files into one C file. Run with -DOUTPUT=... -DFOLDER=... -DNAME=...
file(GLOB files ${FOLDER}/[0-9][0-9][0-9]-*.sql)
list(SORT files)
set(bodies "")
set(rows "")
foreach(file ${files})
    get_filename_component(name ${file} NAME_WE)
    string(SUBSTRING ${name} 0 3 number)
    string(REGEX REPLACE "^0+" "" value ${number})
    file(READ ${file} hex HEX)
    string(REGEX REPLACE "(..)" "'\\\\x\\1'," bytes "${hex}")
    string(APPEND bodies "static const char body_${number}[] = {${bytes}0};\n")
    string(APPEND rows "    {${value}, \"${name}\", body_${number}},\n")
endforeach()
file(WRITE ${OUTPUT} "#include \"store/schema/schema.h\"\n\n${bodies}\n"
    "const struct schema_migration ${NAME}_migrations[] = {\n${rows}};\n"
    "const size_t ${NAME}_migration_count = sizeof(${NAME}_migrations) / sizeof(${NAME}_migrations[0]);\n")
