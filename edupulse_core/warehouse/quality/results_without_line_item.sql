-- Results whose line item a later import replaced.
select
    if(
        count(*) = 1,
        'result has lost its line item and is not counted.',
        'results have lost their line items and are not counted.'
    ) as sentence,
    count(*) as n
from results
where line_item_id not in (select line_item_id from line_items)
