-- grain: one row per (file, column, reason) of the last import's rejected rows, the most rows first.
select file, column_name, reason, count(*) as n_rows
from rejects
group by all
order by n_rows desc, file, reason, column_name
limit $most
