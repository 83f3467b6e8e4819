-- Classes with students but without a teacher.
select
    if(
        count(*) = 1,
        'class has students but no teacher, so no teacher sees these students.',
        'classes have students but no teacher, so no teacher sees these students.'
    ) as sentence,
    count(*) as n
from (
    select class_id
    from enrollment_spans
    group by class_id
    having count(*) filter (where role = 'student') > 0
        and count(*) filter (where role = 'teacher') = 0
)
