insert into fresh.items
select key, skill_ids, title, body, difficulty from accepted
union all
from earlier.items
where item_id not in (select key from accepted) and item_id not in (select key from gone)
