-- Where a check found problems: the rejected rows with their values.

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
                when reason = 'unknown skill' then 'skills'
                when reason = 'unknown item' then 'items'
                when reason = 'unknown resource' then 'resources'
                when reason = 'unknown program' then 'programs'
            end as file,
            unnest(
                if(reason in ('unknown session', 'unknown skill'), as_list(found), [found])
            ) as sourced_id
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
where refused.file = getvariable('file') and refused.row_number = named.pointing
