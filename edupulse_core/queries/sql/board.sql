-- Made once a process, import and scoring, in the connection's memory: what the pages read.

-- A name or an ID without accents, capitals and commas.
create or replace macro searchable(written) as
    replace(strip_accents(lower(written)), ',', ' ');

-- Whether a search fits a student: every word of it stands in the name, in any order, or it is the
-- ID. Part of an ID fits too where it holds a digit: letters alone mean a name.
create or replace macro fits(search, name, student_id) as
    list_bool_and(list_transform(
        string_split_regex(trim(searchable(search)), '\s+'),
        lambda word: contains(searchable(name), word)
    ))
    or searchable(trim(search)) = searchable(student_id)
    or regexp_matches(search, '\d')
    and contains(searchable(student_id), searchable(trim(search)));

-- grain: one row per active student enrolled in the latest week. Unknown indicators are null.
create or replace table board as
with

week as (
    select *
    from student_weeks
    where week_start = $week_start::date
        and student_id not in (select user_id from users where not is_active)
),

lines as (
    select
        student_id,
        list(1 - days_absent / nullif(days_known, 0) order by week_start)[-$spark_weeks:]
            as attendance_weeks,
        max(days_absent) filter (week_start = $week_start::date) as days_absent_1w,
        max(n_missing) filter (week_start = $week_start::date) as n_missing_1w
    from weekly
    where week_start between $spark_from::date and $week_start::date
    group by student_id
),

flags as (  -- of the latest week and the one before it
    select
        student_id,
        week_start,
        flag_a(att_absence_rate_ytd, $chronic_rate) as flag_a,
        flag_b(
            was_removed(dsc_days_removed_ytd, dsc_incidents_ytd), dsc_incidents_ytd, $incidents
        ) as flag_b,
        flag_c(grd_courses_failing) as flag_c
    from features
    where week_start in (
        select distinct week_start
        from student_weeks
        where week_start <= $week_start::date
        order by week_start desc
        limit 2
    )
),

indicators as (
    select
        features.student_id,
        features.att_absence_rate_ytd,
        features.att_absence_rate_1w,
        features.grd_courses_failing,
        features.grd_missing_rate_4w,
        features.grd_score_mean_4w,
        features.dsc_incidents_1w,
        features.dsc_incidents_ytd,
        features.dsc_days_removed_ytd,
        features.att_is_chronic,
        flags.* exclude (student_id, week_start)
    from features
    join flags using (student_id, week_start)
    where features.week_start = $week_start::date
),

before as (
    select * from flags where week_start < $week_start::date
),

final as (
    select
        week.student_id,
        trim(coalesce(users.given_name, '') || ' ' || coalesce(users.family_name, '')) as name,
        lower(trim(concat(users.family_name, ' ', users.given_name))) as sort_name,
        coalesce(try_cast(users.grade as integer)::varchar, users.grade) as grade,
        list_position(
            $grades, upper(coalesce(try_cast(users.grade as integer)::varchar, users.grade))
        ) as grade_order,
        week.school_id,
        orgs.name as school,
        week.known_weeks,
        week.known_weeks >= $min_history as has_history,
        scores.risk_score,
        scores.tier,
        coalesce(scores.uncertain, false) as uncertain,
        coalesce(list_position(['low', 'medium', 'high', 'critical'], scores.tier), 0) as tier_order,
        previous_scores.tier as previous_tier,
        scores.risk_score - previous_scores.risk_score as change,
        scores.factors,
        json_extract_string(scores.factors, '$[0].feature') as driver,
        indicators.* exclude (student_id),
        coalesce(indicators.flag_a, false)::integer + coalesce(indicators.flag_b, false)::integer
            + coalesce(indicators.flag_c, false)::integer as n_flags,
        severity_of(
            indicators.flag_a, indicators.flag_b, indicators.flag_c, $weight_a, $weight_b, $weight_c
        ) as abc_score,
        coalesce(indicators.flag_a and not before.flag_a, false) as new_a,
        coalesce(indicators.flag_b and not before.flag_b, false) as new_b,
        coalesce(indicators.flag_c and not before.flag_c, false) as new_c,
        lines.attendance_weeks,
        lines.days_absent_1w,
        lines.n_missing_1w
    from week
    join users on users.user_id = week.student_id
    left join orgs on orgs.org_id = week.school_id
    left join lines using (student_id)
    left join indicators using (student_id)
    left join before using (student_id)
    left join scores using (student_id)
    left join previous_scores using (student_id)
)

select * from final order by student_id;

-- grain: one row per (student of the board, class on their last known day).
create or replace table board_classes as
with

days as (
    select user_id, max(least($week_start::date + 6, end_date - 1)) as day
    from enrollment_spans
    where role = 'student'
        and start_date <= $week_start::date + 6 and end_date > $week_start::date
    group by user_id
)

select distinct
    spans.user_id as student_id,
    spans.class_id,
    spans.school_id,
    coalesce(courses.title, classes.title)
        || case when coalesce(classes.periods, '') = '' then '' else ', period ' || classes.periods end
        as section
from enrollment_spans as spans
join days using (user_id)
join board on board.student_id = spans.user_id
join classes using (class_id)
left join courses on courses.course_id = classes.course_id
where spans.role = 'student' and spans.start_date <= days.day and spans.end_date > days.day
order by all;

-- grain: one row per class of board_classes, with a label that tells it from others like it.
create or replace table class_labels as
with

sections as (
    select class_id, min(section) as section, min(school_id) as school_id
    from board_classes
    group by class_id
),

teachers as (
    select
        class_id,
        string_agg(
            distinct trim(concat(users.given_name, ' ', users.family_name)), ' and '
            order by trim(concat(users.given_name, ' ', users.family_name))
        ) as names
    from enrollment_spans
    join users using (user_id)
    where role = 'teacher' and users.is_active
        and start_date <= $week_start::date + 6 and end_date > $week_start::date
    group by class_id
),

longer as (
    select
        sections.class_id,
        sections.section,
        concat_ws(', ', sections.section, teachers.names) as taught,
        concat_ws(', ', sections.section, teachers.names, orgs.name) as placed
    from sections
    left join teachers using (class_id)
    left join orgs on orgs.org_id = sections.school_id
),

final as (
    select
        class_id,
        case
            when count(*) over (partition by section) = 1 then section
            when count(*) over (partition by taught) = 1 then taught
            else placed
        end as label
    from longer
)

select * from final;
