-- The 15 grade features.

-- grain: one row per result that says something: scored, submitted or not submitted. A break leads to
-- the next row of the year. lag: rows from the due row until it was handed in, 0 when missing,
-- null when the year ended first.
create or replace temp table work as
with

handed as (
    select
        chunk.student_no,
        items.class_no,
        items.course_no,
        items.subject,
        items.due_date,
        items.due_key,
        results.score_status = 'not submitted' as is_missing,
        results.score_status in ('fully graded', 'partially graded') as is_graded,
        results.score_date,
        scored_dates.week_no as scored_week_no,
        scored_dates.week_key as scored_key,
        coalesce((results.score - items.value_min) / items.value_range, lettered.share) as mark
    from results
    join chunk using (student_id)
    join items using (line_item_id)
    left join dates as scored_dates on scored_dates.date = results.score_date
    left join lettered using (result_id)
    where
        results.student_id between $first_id and $last_id
        and (
            results.score_status in ('not submitted', 'submitted')
            or results.score_status in ('fully graded', 'partially graded')
            and (results.score is not null or results.letter is not null)
        )
        and $has_grades
),

final as (
    select
        handed.student_no,
        handed.course_no,
        handed.subject,
        handed.mark,
        handed.is_missing,
        handed.is_graded and handed.mark is not null as is_scored,  -- else a word says it is done
        handed.scored_week_no,
        (handed.score_date - date '1970-01-01')::bigint * 1000000 + handed.class_no as latest,
        handed.score_date > handed.due_date + $late_days::integer as is_late,
        scored.row_no,
        scored.year_end_no,
        due.row_no as due_row_no,
        case
            when handed.is_missing or handed.score_date <= handed.due_date then 0
            when scored.year_end_no = due.year_end_no then greatest(scored.row_no - due.row_no, 0)
            when handed.scored_week_no <= due.year_end_week_no then due.year_end_no - due.row_no
        end as lag
    from handed
    left join row_of_week as scored
        on scored.student_no = handed.student_no and scored.week_key = handed.scored_key
    left join row_of_week as due
        on due.student_no = handed.student_no and due.week_key = handed.due_key
)

select * from final;

-- grain: one row per (row, course) with a scored result. class_no: of the latest of them, whose rules
-- count for the course.
create or replace temp table course_weeks as
select
    row_no,
    course_no,
    any_value(chunk.grade) as grade,
    max(latest) % 1000000 as class_no,
    any_value(year_end_no) as year_end_no,
    any_value(subject) as subject,
    count(*) as n,
    sum(mark) as total,
    count_if(is_late) as n_late
from work
join chunk using (student_no)
where is_scored and row_no is not null
group by row_no, course_no;

-- grain: one row per row with any course mean of the year so far.
create or replace temp table course_means as
with

changes as (
    select
        row_no,
        subject,
        class_no,
        grade,
        sum(total) over course / sum(n) over course as mean,
        coalesce(lead(row_no) over course, year_end_no + 1) as next_row_no
    from course_weeks
    window course as (partition by year_end_no, course_no order by row_no rows unbounded preceding)
),

judged as (
    select
        changes.row_no,
        changes.next_row_no,
        changes.subject,
        changes.mean,
        coalesce(
            point_rules.points[
                list_position([rounded(mean) >= edge for edge in point_rules.edges], true)
            ],
            0
        ) as points,
        is_failing(mean, judging.failing_below) as is_failing
    from changes
    join judging using (class_no, grade)
    join point_rules using (points_no)
),

standing as (  -- a mean stands until the course's next result
    select unnest(range(row_no, next_row_no)) as row_no, subject, mean, points, is_failing
    from judged
),

final as (
    select
        row_no,
        avg(points) as gpa,
        count_if(is_failing) as n_failing,
        min(mean) as lowest,
        max(mean) - min(mean) as spread,
        coalesce(avg(mean) filter (subject = 'math'), avg(mean)) as math,
        coalesce(avg(mean) filter (subject = 'english'), avg(mean)) as english,
        coalesce(avg(mean) filter (subject = 'science'), avg(mean)) as science,
        coalesce(avg(mean) filter (subject = 'social_studies'), avg(mean)) as social_studies
    from standing
    group by row_no
)

select * from final;

-- grain: one row per row. due_k: work due in the row and missing, or handed in by k rows later.
create or replace temp table week_grades as
with

scored as (
    select row_no, sum(n) as n_results, sum(total) as total, sum(n_late) as n_late
    from course_weeks
    group by row_no
),

due as (
    select
        due_row_no as row_no,
        count_if(is_missing) as n_missing,
        count_if(lag <= 0) as due_0,
        count_if(lag <= 1) as due_1,
        count_if(lag <= 2) as due_2,
        count_if(lag <= 3) as due_3
    from work
    where due_row_no is not null
    group by due_row_no
),

final as (
    select
        rows.row_no,
        rows.year_no,
        coalesce(n_results, 0)::integer as n_results,
        coalesce(total, 0)::double as total,
        coalesce(n_late, 0)::integer as n_late,
        coalesce(n_missing, 0)::integer as n_missing,
        coalesce(due_0, 0)::integer as due_0,
        coalesce(due_1, 0)::integer as due_1,
        coalesce(due_2, 0)::integer as due_2,
        coalesce(due_3, 0)::integer as due_3,
        coalesce(no_missing, false) as no_missing,
        coalesce(no_marks, false) as no_marks,
        course_means.* exclude (row_no)
    from rows
    left join unknown_here using (school_no, week_no)
    left join scored using (row_no)
    left join due using (row_no)
    left join course_means using (row_no)
    where $has_grades
)

select * from final;

-- grain: one row per row; null before the year's first result where there is nothing to say, and
-- where the school sent nothing that tells.
create or replace temp table grade_features as
with

windows as (
    select
        *,
        total / nullif(n_results, 0) as mean_1w,
        sum(total) over month / nullif(sum(n_results) over month, 0) as mean_4w,
        sum(n_results) over month as results_4w,
        sum(n_late) over month as late_4w,
        sum(n_missing) over month as missing_4w,
        due_0
            + coalesce(lag(due_1, 1) over year, 0)
            + coalesce(lag(due_2, 2) over year, 0)
            + coalesce(lag(due_3, 3) over year, 0) as due_4w,
        lag(gpa, 4) over year as gpa_before
    from week_grades
    window
        year as (partition by year_no order by row_no rows unbounded preceding),
        month as (partition by year_no order by row_no rows 3 preceding)
),

carried as (
    select
        * exclude (mean_1w, mean_4w),
        last_value(mean_1w ignore nulls) over year as mean_1w,
        last_value(mean_4w ignore nulls) over year as mean_4w
    from windows
    window year as (partition by year_no order by row_no rows unbounded preceding)
),

final as (
    select
        row_no,
        mean_1w as grd_score_mean_1w,
        mean_4w as grd_score_mean_4w,
        gpa as grd_gpa_ytd,
        coalesce(gpa - gpa_before, 0) as grd_gpa_change_4w,
        if(
            count(mean_1w) over term > 1, regr_slope(mean_1w, row_no - year_no) over term, 0
        ) as grd_trend_8w,
        coalesce(stddev_pop(mean_1w) over term, 0) as grd_volatility_8w,
        if(no_marks, null, coalesce(n_failing, 0)) as grd_courses_failing,
        lowest as grd_lowest_course,
        coalesce(spread, 0) as grd_course_spread,
        if(no_missing, null, coalesce(missing_4w / nullif(due_4w, 0), 0)) as grd_missing_rate_4w,
        if(no_marks, null, coalesce(late_4w / nullif(results_4w, 0), 0)) as grd_late_rate_4w,
        math as grd_math_ytd,
        english as grd_english_ytd,
        science as grd_science_ytd,
        social_studies as grd_social_studies_ytd
    from carried
    window term as (partition by year_no order by row_no rows 7 preceding)
)

select * from final;
