-- Classes with students but without a graded result.
select
    if(
        count(*) = 1,
        'class has students but no results, so its course counts in no grade average.',
        'classes have students but no results, so their courses count in no grade average.'
    ) as sentence,
    count(*) as n
from (select distinct class_id from enrollment_spans where role = 'student')
where
    class_id not in (
        select item.class_id from line_items as item join results using (line_item_id)
    )
    and (select present from has_records where name = 'grades')
