-- The rows as they were loaded, for the rejects.
drop table if exists raw;

alter table raw_attendance rename to raw;

-- grain: one row per student and date of attendance.csv that is no school day of theirs, with why.
create or replace temp table outside as
with

asked as (
    select distinct student_id, anchor as date from seen_attendance where problem is null
),

missed as (
    select student_id, date from asked anti join fresh.student_days using (student_id, date)
),

spans as (
    select
        missed.student_id,
        missed.date,
        min(span.start_date) as first_day,
        max(span.end_date) as last_end,
        bool_or(missed.date >= span.start_date and missed.date < span.end_date) as is_enrolled,
        bool_or(span.school_id in (select school_id from fresh.school_days))
            filter (missed.date >= span.start_date and missed.date < span.end_date) as has_calendar
    from missed
    join fresh.enrollment_spans as span on span.user_id = missed.student_id
    where span.role = 'student'
    group by all
),

out_of_school as (   -- days on which the student has classes that are not school, and no other
    select distinct missed.student_id, missed.date
    from missed
    join fresh.enrollments as enrollment
        on enrollment.user_id = missed.student_id and enrollment.role = 'student'
    join fresh.classes as class using (class_id)
    join class_terms as terms using (class_id)
    where
        not class.is_school
        and missed.date >= coalesce(enrollment.begin_date, terms.first_start)
        and missed.date < coalesce(enrollment.end_date, terms.last_end)
),

final as (
    select
        missed.student_id,
        missed.date,
        out_of_school.date is not null as is_aside,
        case
            when spans.date is null then 'never enrolled'
            when missed.date < spans.first_day then 'before enrollment'
            when not is_enrolled and exists (
                from fresh.withdrawals as withdrawal
                where
                    withdrawal.student_id = missed.student_id
                    and withdrawal.date <= missed.date
                    and withdrawal.date > spans.first_day
            ) then 'after withdrawal'
            when missed.date >= spans.last_end then 'after enrollment'
            when not is_enrolled then 'between enrollments'
            when not has_calendar then 'school without calendar'
            when isodow(missed.date) >= 6 then 'weekend'
            when exists (from fresh.calendar where calendar.date = missed.date) then 'holiday'
            else 'not in the calendar'
        end as cause
    from missed
    left join spans using (student_id, date)
    left join out_of_school using (student_id, date)
)

from final;

-- The last rule for an attendance row, once it is known who came back: it is a school day on which
-- its student is enrolled.
create or replace table checked as
select
    seen.* replace (
        case
            when seen.problem is not null or outside.cause is null then seen.problem
            when outside.is_aside then 'date|not school'
            else 'date|not an enrolled instructional day of the student: ' || outside.cause
        end as problem
    )
from seen_attendance as seen
left join outside on seen.student_id = outside.student_id and seen.anchor = outside.date
