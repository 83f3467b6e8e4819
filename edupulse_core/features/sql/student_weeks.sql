-- The spine: the weeks of one chunk of students.

-- grain: one row per student of this chunk.
create or replace temp table chunk as
select students.student_no, students.student_id, grade_of(users.grade) as grade
from students
left join users on users.user_id = students.student_id
where student_no between $first and $last;

-- grain: one row per (student, instructional week enrolled); row_no runs by student and week.
-- year_no names the student's school year: no window reaches out of it.
create or replace temp table rows as
with

days as (
    select
        chunk.student_no,
        dates.week_no,
        dates.school_year,
        dates.weekday,
        schools.school_no
    from student_days
    join chunk using (student_id)
    join dates using (date)
    join schools using (school_id)
    where student_days.student_id between $first_id and $last_id
),

weeks as (
    select
        student_no,
        week_no,
        school_year,
        bit_or(1 << weekday) as day_bits,              -- bit 0 is Monday
        max(weekday) as last_weekday,
        arg_max(school_no, weekday) as school_no       -- where the week ends
    from days
    group by all
),

current_year as (  -- a week in which a year begins belongs to its last school day's
    select *
    from weeks
    qualify row_number() over (partition by student_no, week_no order by school_year desc) = 1
),

numbered as (
    select
        *,
        row_number() over (order by student_no, week_no) as row_no,
        row_number() over (partition by student_no order by week_no) as history_weeks
    from current_year
),

placed as (
    select
        *,
        bit_count(day_bits)::integer as n_days,
        min(row_no) over year as year_no,
        max(row_no) over year as year_end_no,
        max(week_no) over year as year_end_week_no  -- the next year may begin in it
    from numbered
    window year as (partition by student_no, school_year)
),

final as (
    select
        *,
        row_no - year_no + 1 as position,
        lag(week_no) over year as previous_week_no,
        (sum(n_days) over year - n_days)::integer as days_before  -- enrolled days of the year
    from placed
    window year as (partition by year_no order by row_no)
)

select * from final order by row_no;

-- grain: one row per student and week of a school year up to their last row in it. A week without a row,
-- a break, leads to the next row.
create or replace temp table row_of_week as
with

first_weeks as (
    select
        rows.*,
        coalesce(previous_week_no + 1, years.first_week_no, week_no) as from_week_no
    from rows
    left join years using (school_year)
)

select
    student_no,
    school_year * 10000 + unnest(range(least(from_week_no, week_no), week_no + 1)) as week_key,
    row_no,
    year_end_no,
    year_end_week_no
from first_weeks;
