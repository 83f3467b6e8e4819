-- grain: one row per record of the file, in its order (rowid). Every value as text.
create or replace table raw as
select columns(lambda c: not starts_with(c, 'unknown '))
from (
    from template
    union all by name
    from read_csv(
        $path,
        columns = $columns,
        auto_detect = false,
        header = true,
        delim = ',',
        quote = '"',
        escape = '"',
        nullstr = e'\x01 no text stands for null',
        strict_mode = true,
        max_line_size = $longest,
        buffer_size = $buffer
    )
)
