-- grain: one row per file of the last import; read = imported + rejected.
select file, present, read, imported, rejected
from import_files
order by present desc, file
