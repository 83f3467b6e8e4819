-- Classes with students but without a graded result.
select
    if(
        count(*) = 1,
        'class has students but no grades, so its course is left out of the averages.',
        'classes have students but no grades, so their courses are left out of the averages.'
    ) as sentence,
    count(*) as n
from (select distinct class_id from enrollment_spans where role = 'student')
where
    class_id not in (
        select item.class_id from line_items as item join results using (line_item_id)
    )
    and (select present from has_records where name = 'grades')
