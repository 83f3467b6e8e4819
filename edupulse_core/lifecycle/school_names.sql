-- grain: one row per school that has a name.
select org_id, name from orgs
