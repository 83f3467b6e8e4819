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

final as (
    select
        missed.student_id,
        missed.date,
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
)

from final;

-- The last rule for an attendance row, once it is known who came back: it is a school day on which
-- its student is enrolled.
create or replace table checked as
select
    seen.* replace (
        if(
            seen.problem is null and outside.cause is not null,
            'date|not an enrolled instructional day of the student: ' || outside.cause,
            seen.problem
        ) as problem
    )
from seen_attendance as seen
left join outside on seen.student_id = outside.student_id and seen.anchor = outside.date
