-- grain: one row per student whom the viewer may see, with the first reason that applies.
-- A student's classes count on as_of; when they had none that day, on their last day of that week.
-- viewer_user_id and caseload_of: the user_ids of the viewer, as lists.
create or replace macro visible_students(
    viewer_user_id, see_all, school_ids, as_of, caseload_of := null
) as table

with

days as (
    select
        user_id,
        max(least(as_of::date, end_date - 1)) as day
    from enrollment_spans
    where role = 'student' and start_date <= as_of::date and end_date > as_of::date - 6
    group by user_id
),

current_classes as (
    select
        spans.user_id as student_id,
        spans.class_id,
        spans.school_id,
        max(spans.end_date) over (partition by spans.class_id) as class_end,
        days.day
    from enrollment_spans as spans
    join days using (user_id)
    where spans.role = 'student' and spans.start_date <= days.day and spans.end_date > days.day
),

sections as (
    select
        classes.class_id,
        coalesce(courses.title, classes.title)
            || case when coalesce(classes.periods, '') = '' then '' else ', period ' || classes.periods end
            as section
    from classes
    left join courses using (course_id)
),

taught as (
    select
        current_classes.student_id,
        'in their class ' || string_agg(distinct sections.section, ' and ' order by sections.section)
            as reason
    from current_classes
    join enrollment_spans as teachers
        on teachers.class_id = current_classes.class_id
        and teachers.start_date <= current_classes.day and teachers.end_date > current_classes.day
    join sections on sections.class_id = current_classes.class_id
    where
        teachers.role = 'teacher'
        and list_contains(viewer_user_id::varchar[], teachers.user_id)
        and (   -- whom the class went on without is gone as soon as the data say so
            teachers.end_date >= current_classes.class_end
            or teachers.end_date > (select arg_max(import_day, sequence) from imports)
        )
    group by current_classes.student_id
),

in_school as (
    select
        current_classes.student_id,
        'at their school, ' || min(orgs.name) as reason
    from current_classes
    join orgs on orgs.org_id = current_classes.school_id
    where list_contains(school_ids::varchar[], current_classes.school_id)
    group by current_classes.student_id
),

reasons as (
    select student_id, 1 as place, 'on their caseload' as reason
    from caseloads
    where list_contains(caseload_of::varchar[], counselor_id)
    union all
    select student_id, 2, reason from taught
    union all
    select student_id, 3, reason from in_school
    union all
    select user_id, 4, 'in their district'
    from user_roles
    where see_all and role = 'student'
),

final as (
    select student_id, arg_min(reason, place) as reason
    from reasons
    group by student_id
)

select * from final
