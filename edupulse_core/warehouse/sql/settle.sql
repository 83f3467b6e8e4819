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

create or replace table problems as
select row_number, split_part(problem, '|', 1) as column_name, split_part(problem, '|', 2) as reason
from (
    select row_number, problem
    from checked
    where problem is not null and not (problem = 'status|tobedeleted' and getvariable('is_delta'))
    union all
    select row_number, getvariable('duplicate') from doubles
);

create or replace temp view accepted as
from checked
where problem is null and row_number not in (from doubles);

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

insert into deleted select getvariable('file'), key::text from gone;

-- Any other status counts as active.
insert into doubts
select getvariable('file'), 'status', count(*), 'active'
from raw
where
    getvariable('file') <> 'attendance'   -- whose status says something else, and is checked
    and not is_blank(status)
    and not is_among(status, record_statuses())
having count(*) > 0;

select count(*) from problems
