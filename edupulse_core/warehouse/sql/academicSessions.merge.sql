insert into fresh.academic_sessions
select key, title, type, anchor, end_date, parent_id, school_year from accepted;

insert into fresh.academic_sessions
from earlier.academic_sessions
where
    session_id not in (select key from accepted)
    and (
        getvariable('is_delta')
        or school_year not in (select school_year from accepted)
    );

-- A school year runs from its earliest start to the next year's.
insert into fresh.school_years
select
    school_year,
    min(start_date) as first_day,
    lead(first_day) over (order by first_day)
from fresh.academic_sessions
group by school_year
order by first_day;

-- The same without gaps: what lies before the first year, and the open end of the last.
create or replace temp table stretches as
select start_date, coalesce(end_date, 'infinity'::date) as end_date from fresh.school_years
union all
select '-infinity'::date, coalesce(min(start_date), 'infinity'::date) from fresh.school_years
