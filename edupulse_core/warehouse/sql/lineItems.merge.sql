insert into fresh.line_items
select key, title, class_id, anchor, value_min, value_max from accepted;

insert into fresh.line_items
from earlier.line_items as old
where
    line_item_id not in (select key from accepted)
    and not exists (
        from covered where old.due_date >= covered.start_date and old.due_date < covered.end_date
    )
