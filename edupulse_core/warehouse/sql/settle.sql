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

-- grain: one row per rejected row and column that has a value.
create or replace table cells as
unpivot (
    select coalesce(raw.row_number::bigint, raw.rowid + 2) as record, raw.* exclude (row_number)
    from raw
    where record in (select row_number from problems)
)
on columns(* exclude (record))
into name column_name value found;

insert into refused
select
    getvariable('file'),
    problems.row_number,
    key.found,
    problems.column_name,
    problems.reason,
    cell.found
from problems
left join cells as cell
    on problems.row_number = cell.record and problems.column_name = cell.column_name
left join cells as key on problems.row_number = key.record and key.column_name = 'sourcedId';

-- A row that is rejected because of another rejected row names that row.
update refused
set
    reason = case
        when other.reason = 'maximum not over the minimum' then 'line item set aside'
        else 'rejected ' || substr(refused.reason, 9)
    end,
    found = other.sourced_id || ' (' || other.file || '.csv, row ' || other.row_number || ')'
from (
    with

    pointers as (
        select
            row_number,
            case
                when reason in ('unknown user', 'unknown student') then 'users'
                when reason = 'unknown org' then 'orgs'
                when reason = 'unknown session' then 'academicSessions'
                when reason = 'unknown course' then 'courses'
                when reason = 'unknown class' then 'classes'
                when reason = 'unknown line item' then 'lineItems'
            end as file,
            unnest(if(reason = 'unknown session', as_list(found), [found])) as sourced_id
        from refused
        where file = getvariable('file') and starts_with(reason, 'unknown ')
    )

    select
        pointers.row_number as pointing,
        arg_min(earlier, earlier.row_number) as earlier
    from pointers
    join refused as earlier
        on pointers.file = earlier.file and pointers.sourced_id = earlier.sourced_id
    group by pointing
) as named(pointing, other)
where refused.file = getvariable('file') and refused.row_number = named.pointing;

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

insert into deleted select getvariable('file'), key::text, anchor from gone;

-- Any other status counts as active.
insert into doubts
select getvariable('file'), 'status', count(*), 'active'
from raw
where
    getvariable('file') <> 'attendance'   -- whose status says something else, and is checked
    and not is_blank(status)
    and not is_among(status, record_statuses())
having count(*) > 0
