insert into fresh.line_items
select key, title, class_id, anchor, value_min, value_max from accepted;

-- With a deleted class go its line items.
insert into fresh.line_items
from earlier.line_items as old
where
    line_item_id not in (select key from accepted)
    and line_item_id not in (select key from gone)
    and class_id in (select class_id from fresh.classes)
    and not is_replaced('lineItems', old.due_date)
