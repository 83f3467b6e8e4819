-- The labels: what happened in the weeks that followed.

-- grain: one row per row whose window lies within its school year and the data; (week_no, horizon_no].
create or replace temp table judged_rows as
with

stays as (
    select distinct chunk.student_no, schools.school_no, spans.start_date, spans.end_date
    from enrollment_spans as spans
    join chunk on chunk.student_id = spans.user_id
    join schools using (school_id)
    where spans.role = 'student'
),

movers as (
    select student_no
    from stays
    group by student_no
    having count(distinct school_no) > 1
),

moved_rows as (
    select rows.row_no, rows.week_no, stays.school_no
    from rows
    join movers using (student_no)
    join stays using (student_no)
    join schools on schools.school_no = stays.school_no
    join school_days
        on school_days.school_id = schools.school_id
        and school_days.date between
            greatest(stays.start_date, date '1970-01-05' + rows.week_no * 7)
            and least(stays.end_date - 1, date '1970-01-05' + rows.week_no * 7 + 6)
    group by all
),

several as (
    select row_no
    from moved_rows
    group by row_no
    having count(*) > 1
),

joint_weeks as (  -- the weeks in which any of the student's schools is open
    select
        moved_rows.row_no,
        list_sort(list(distinct school_weeks.week_no))[$horizon_weeks::integer] as horizon_no
    from moved_rows
    join several using (row_no)
    join school_weeks
        on school_weeks.school_no = moved_rows.school_no
        and school_weeks.week_no > moved_rows.week_no
    group by moved_rows.row_no
),

horizons as (
    select
        rows.row_no,
        rows.student_no,
        rows.week_no,
        rows.school_no,
        rows.school_year,
        if(several.row_no is null, school_weeks.horizon_no, joint_weeks.horizon_no) as horizon_no
    from rows
    left join school_weeks using (school_no, week_no)
    left join several using (row_no)
    left join joint_weeks using (row_no)
),

final as (
    select
        horizons.row_no,
        horizons.student_no,
        horizons.week_no,
        horizons.school_no,
        horizons.horizon_no
    from horizons
    cross join ends
    left join years using (school_year)
    where
        date '1970-01-05' + horizon_no * 7 + 6 <= ends.data_end
        and coalesce(date '1970-01-05' + horizon_no * 7 + 6 < years.end_date, true)
)

select * from final;

-- grain: one row per (judged row, week of its window).
create or replace temp table weeks_ahead as
select row_no, student_no, unnest(range(week_no + 1, horizon_no + 1)) as week_no
from judged_rows;

-- grain: one row per judged row with a school day in its window.
create or replace temp table attended as
with

lost_days as (
    select row_no, count(*) as n_unknown from unknown_days group by row_no
),

final as (
    select
        weeks_ahead.row_no,
        arg_max(rows.school_no, rows.week_no) as last_school_no,
        sum(rows.n_days) as n_days,
        sum(rows.n_days - coalesce(n_unknown, 0)) as n_known,
        sum(week_attendance.days_absent) as days_absent
    from weeks_ahead
    join rows using (student_no, week_no)
    left join lost_days on lost_days.row_no = rows.row_no
    left join week_attendance on week_attendance.row_no = rows.row_no
    group by weeks_ahead.row_no
)

select * from final;

-- grain: one row per (student, course, week with a result), of courses that fail in some week: a course
-- without a failing week fails no window.
create or replace temp table doubtful_weeks as
with

course_totals as (
    select
        student_no,
        course_no,
        scored_week_no as week_no,
        count(*) as n,
        sum(mark) as total,
        max(latest) as latest
    from work
    where is_scored and scored_week_no is not null
    group by all
),

doubtful as (
    select distinct student_no, course_no
    from course_totals
    where is_failing(total / n, (select max(failing_below) from judging))
),

final as (
    select course_totals.*
    from course_totals
    join doubtful using (student_no, course_no)
)

select * from final;

-- grain: one row per judged row with a course that fails in its window.
create or replace temp table failing as
with

coursework as (
    select
        weeks_ahead.row_no,
        chunk.grade,  -- here: joined later, the planner would pair all students with all rules
        sum(total) / sum(n) as mean,
        max(latest) % 1000000 as class_no  -- of the latest result, whose rules count
    from doubtful_weeks
    join weeks_ahead using (student_no, week_no)
    join chunk using (student_no)
    group by weeks_ahead.row_no, course_no, chunk.grade
),

final as (
    select row_no, count(*) as n_failing
    from coursework
    join judging using (class_no, grade)
    where is_failing(coursework.mean, judging.failing_below)
    group by row_no
)

select * from final;

-- grain: one row per judged row; null where the label is unknown.
create or replace temp table labels as
with

conduct as (
    select
        weeks_ahead.row_no,
        count(*) as n_incidents,
        bool_or(is_removal(incidents.action)) as is_removed
    from incidents
    join chunk using (student_id)
    join dates using (date)
    join weeks_ahead using (student_no, week_no)
    group by weeks_ahead.row_no
),

dropouts as (
    select distinct weeks_ahead.row_no
    from withdrawals
    join chunk using (student_id)
    join dates using (date)
    join weeks_ahead using (student_no, week_no)
    where withdrawals.reason = 'dropout'
),

at_the_end as (  -- what the student's school is known not to send, in the window's last week
    select
        judged_rows.row_no,
        silent_weeks.week_no is not null as is_silent,
        coalesce(no_incidents, false) as no_incidents,
        coalesce(no_marks, false) as no_marks
    from judged_rows
    left join attended using (row_no)
    left join silent_weeks
        on silent_weeks.school_no = coalesce(attended.last_school_no, judged_rows.school_no)
        and silent_weeks.week_no = judged_rows.horizon_no
    left join unknown_here
        on unknown_here.school_no = coalesce(attended.last_school_no, judged_rows.school_no)
        and unknown_here.week_no = judged_rows.horizon_no
),

flags as (
    select
        judged_rows.row_no,
        case
            when not $has_attendance or is_silent or n_days > 0 and n_known <= 0 then null
            else coalesce(flag_a(days_absent / nullif(n_known, 0), $chronic_rate), false)
        end as flag_a,
        case
            when $has_incidents and not no_incidents
            then coalesce(flag_b(is_removed, n_incidents, $incidents), false)
        end as flag_b,
        case when $has_grades and not no_marks then flag_c(coalesce(n_failing, 0)) end as flag_c,
        dropouts.row_no is not null as is_dropout,
        coalesce(n_days, 0) as n_days
    from judged_rows
    join at_the_end using (row_no)
    left join attended using (row_no)
    left join conduct using (row_no)
    left join failing using (row_no)
    left join dropouts using (row_no)
),

weighed as (
    select
        *,
        case
            when is_dropout then 1
            else severity_of(flag_a, flag_b, flag_c, $weight_a, $weight_b, $weight_c)
        end as severity
    from flags
    where
        is_dropout
        or n_days >= $outcome_days
        and (flag_a is not null or flag_b is not null or flag_c is not null)
),

final as (
    select
        row_no,
        flag_a::integer as flag_a,
        flag_b::integer as flag_b,
        flag_c::integer as flag_c,
        severity::double as severity,
        case
            when severity >= $tier_critical then 'critical'
            when severity >= $tier_high then 'high'
            when severity >= $tier_medium then 'medium'
            else 'low'
        end as tier
    from weighed
)

select * from final;
