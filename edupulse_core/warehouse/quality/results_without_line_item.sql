-- Results whose line item a later import replaced.
select 'results belong to no line item any more: they count nowhere.' as sentence, count(*) as n
from results
where line_item_id not in (select line_item_id from line_items)
