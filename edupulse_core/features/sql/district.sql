-- What the whole district shares: made once, before the students are taken a chunk at a time.

-- grain: one row. No row of a student reads past its own week; labels may read up to data_end.
create or replace temp table ends as
with

recorded as (
    select max(date) as day from attendance
    union all
    select max(date) from incidents
    union all
    select max(date) from withdrawals
    union all
    select max(score_date)
    from results
    where
        score_status in ('fully graded', 'partially graded')
        and (score is not null or letter is not null)
),

latest as (
    select date_trunc('week', max(day))::date + 6 as sunday from recorded
),

finished as (  -- the week of the last import's day still runs
    select date_trunc('week', arg_max(import_day, sequence))::date - 1 as sunday from imports
),

final as (
    select
        least(latest.sunday, finished.sunday) as data_end,
        least(coalesce($as_of::date, latest.sunday), finished.sunday) as rows_end
    from latest, finished
    where coalesce($as_of::date, latest.sunday) is not null
)

select * from final;

-- grain: one row per date up to the end. Year 0 lies before the first school year. A week in which a
-- year begins has a key in both years.
create or replace temp table dates as
with

span as (
    select
        least(
            (select min(date) from student_days), (select min(start_date) from school_years)
        ) as first_day,
        (select greatest(data_end, rows_end) from ends) as last_day
),

days as (
    select unnest(generate_series(first_day, last_day, interval 1 day))::date as date from span
),

numbered as (
    select
        days.date,
        ((days.date - date '1970-01-05') // 7)::integer as week_no,
        (isodow(days.date) - 1)::integer as weekday,        -- 0 is Monday
        coalesce(school_years.school_year, 0)::integer as school_year
    from days
    asof left join school_years on days.date >= school_years.start_date
),

final as (
    select *, school_year * 10000 + week_no as week_key from numbered
)

select * from final;

-- grain: one row per school year.
create or replace temp table years as
select
    school_year::integer as school_year,
    ((start_date - date '1970-01-05') // 7)::integer as first_week_no,
    end_date
from school_years;

-- grain: one row per student with a school day, in the order of the files.
create or replace temp table students as
with

enrolled as (
    select distinct student_id from student_days
)

select (row_number() over (order by student_id))::integer as student_no, student_id
from enrolled;

-- grain: one row per school.
create or replace temp table schools as
with

known as (
    select distinct school_id from school_days
    union
    select distinct school_id from student_days
)

select (row_number() over (order by school_id))::integer as school_no, school_id
from known;

-- grain: one row per school and week with an instructional day; horizon_no is the last week that a
-- label looks at.
create or replace temp table school_weeks as
with

weeks as (
    select distinct
        schools.school_no,
        ((school_days.date - date '1970-01-05') // 7)::integer as week_no
    from school_days
    join schools using (school_id)
)

select
    *,
    lead(week_no, $horizon_weeks) over (partition by school_no order by week_no) as horizon_no
from weeks;

-- grain: one row per school and week of which something is unknown, as of its Sunday.
create or replace temp table unknown_here as
select
    schools.school_no,
    ((unknown_weeks.week_start - date '1970-01-05') // 7)::integer as week_no,
    bool_or(kind = 'incidents') as no_incidents,
    bool_or(kind = 'missing_work') as no_missing,
    bool_or(kind = 'marks') as no_marks,
    bool_or(kind = 'days_removed') as no_days_removed
from unknown_weeks
join schools using (school_id)
group by all;

-- grain: one row per school and week of whose school days no attendance is known, in the end.
create or replace temp table silent_weeks as
with

days as (
    select distinct school_id, date
    from student_days
    where school_id in (select school_id from silent_days)
)

select schools.school_no, ((days.date - date '1970-01-05') // 7)::integer as week_no
from days
join schools using (school_id)
left join silent_days using (school_id, date)
group by all
having count(*) = count(silent_days.date);

-- grain: one row per class that is school.
create or replace temp table numbered_classes as
select
    (row_number() over (order by class_id))::integer as class_no,
    class_id,
    course_id,
    school_id
from classes
where is_school;

-- grain: one row per class and grade of a student: how a course average is judged.
create or replace temp table judging as
select numbered_classes.class_no, class_rules.grade, class_rules.failing_below, class_rules.points_no
from class_rules
join numbered_classes using (class_id);

-- grain: one row per line item.
create or replace temp table items as
with

numbered_courses as (
    select
        course_id,
        subject,
        (row_number() over (order by course_id))::integer as course_no
    from courses
),

final as (
    select
        line_items.line_item_id,
        classes.class_no,
        numbered_courses.course_no,
        numbered_courses.subject,
        line_items.due_date,
        dates.week_key as due_key,
        line_items.value_min,
        line_items.value_max - line_items.value_min as value_range
    from line_items
    join numbered_classes as classes using (class_id)
    join numbered_courses using (course_id)
    left join dates on dates.date = line_items.due_date
)

select * from final;
