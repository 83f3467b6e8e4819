-- Kinds of record that were imported, but never with a single row.
select name as kind
from has_records
where
    present
    and (
        (name = 'results' and not exists (from results))
        or (name = 'incidents' and not exists (from incidents))
    )
order by name
