-- Results whose line item a later import replaced.
select
    if(
        count(*) = 1,
        'grade belongs to an assignment that is no longer there; it is not counted.',
        'grades belong to assignments that are no longer there; they are not counted.'
    ) as sentence,
    count(*) as n
from results
where line_item_id not in (select line_item_id from line_items)
