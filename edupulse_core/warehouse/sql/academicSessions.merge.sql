insert into fresh.academic_sessions
select key, title, type, anchor, end_date, parent_id, school_year from accepted;

insert into fresh.academic_sessions
from earlier.academic_sessions
where
    session_id not in (select key from accepted)
    and session_id not in (select key from gone);

-- A school year runs from its earliest start to the next year's.
insert into fresh.school_years
select
    school_year,
    min(start_date) as first_day,
    lead(first_day) over (order by first_day)
from fresh.academic_sessions
where not list_contains(getvariable('not_school'), session_id)
group by school_year
order by first_day;

-- Every session's start begins a stretch; what lies before the first one is a stretch too.
create or replace temp table stretches as
with

starts as (
    select distinct start_date from fresh.academic_sessions
    union all
    select '-infinity'::date
)

select
    start_date,
    coalesce(lead(start_date) over (order by start_date), 'infinity'::date) as end_date
from starts
