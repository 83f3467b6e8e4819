-- Of duplicate rows the first one counts. Rejected rows go to `refused`, all others to `accepted`.
create or replace table doubles as
with

repeated as (
    select key from checked where problem is null group by key having count(*) > 1
)

select row_number
from checked
where problem is null and key in (select key from repeated)
qualify row_number() over (partition by key order by checked.row_number) > 1;

insert into refused
with

problems as (
    select row_number, problem from checked where problem is not null
    union all
    select row_number, getvariable('duplicate') from doubles
)

select
    getvariable('file'),
    row_number,
    parts[1],
    parts[2],
    case when len(parts) > 2 then array_to_string(parts[3:], '|') end
from (select row_number, string_split(problem, '|') as parts from problems);

create or replace temp view accepted as
from checked
where problem is null and row_number not in (from doubles);

-- The stretches of time, school year by school year, that a bulk file replaces.
create or replace temp table covered as
select distinct stretches.*
from stretches
join accepted on anchor >= stretches.start_date and anchor < stretches.end_date
where not getvariable('is_delta')
