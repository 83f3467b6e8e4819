-- Results whose line item a later import replaced.
select
    if(
        count(*) = 1,
        'result belongs to no line item any more: it counts nowhere.',
        'results belong to no line item any more: they count nowhere.'
    ) as sentence,
    count(*) as n
from results
where line_item_id not in (select line_item_id from line_items)
