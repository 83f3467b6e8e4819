insert into fresh.resources
select key, title, kind, skill_ids, body, difficulty, minutes, url from accepted
union all
from earlier.resources
where resource_id not in (select key from accepted) and resource_id not in (select key from gone)
