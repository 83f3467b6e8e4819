-- grain: one row per thing that the viewer's students can be filtered by.
with

seen as (
    select board.*
    from board
    join visible_students($viewer_user_id, $see_all, $school_ids, $as_of, $caseload_of)
        using (student_id)
),

choices as (
    select 'grade' as kind, grade as value, grade as label, grade_order as place
    from seen
    where grade is not null
    union
    select 'school', school_id, school, 0 from seen where school_id is not null
    union
    select 'driver', driver, driver, 0 from seen where driver is not null
    union
    select 'class', class_id, label, 0
    from class_labels
    where class_id in (select class_id from board_classes join seen using (student_id))
)

select * from choices order by kind, place, label, value
