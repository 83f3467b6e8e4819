insert into fresh.orgs select key, name, type, parent_id from accepted;

insert into fresh.orgs
from earlier.orgs
where org_id not in (select key from accepted) and org_id not in (select key from gone)
