-- Of duplicate rows the first one counts. Rejected rows go to `refused`, the keys that a delta deletes
-- to `gone`, all others to `accepted`.
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
    select row_number, problem
    from checked
    where problem is not null and not (problem = 'status|tobedeleted' and getvariable('is_delta'))
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

-- What counts as imported: the accepted rows and what a delta deletes.
create or replace temp view taken as
select row_number from accepted
union all
select row_number
from checked
where problem = 'status|tobedeleted' and getvariable('is_delta');

-- A live row of the same key wins over its deletion.
create or replace temp table gone as
select distinct key, anchor
from checked
where
    problem = 'status|tobedeleted'
    and getvariable('is_delta')
    and not exists (
        from checked as live
        where
            live.key is not distinct from checked.key
            and live.problem is distinct from 'status|tobedeleted'
    );

insert into deleted select getvariable('file'), key::text, anchor from gone
