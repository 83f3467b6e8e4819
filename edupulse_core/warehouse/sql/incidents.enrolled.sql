-- The rows as they were loaded, for the rejects.
drop table if exists raw;

alter table raw_incidents rename to raw;

-- The last rule for an incident, once it is known who came back: its student is enrolled that day.
create or replace table checked as
with

enrolled as (
    select distinct seen.row_number
    from seen_incidents as seen
    join fresh.enrollment_spans as span
        on seen.student_id = span.user_id
        and span.role = 'student'
        and seen.anchor >= span.start_date
        and seen.anchor < span.end_date
)

select
    seen.* replace (
        if(
            seen.problem is null and enrolled.row_number is null,
            'date|student not enrolled',
            seen.problem
        ) as problem
    )
from seen_incidents as seen
left join enrolled using (row_number)
