insert into fresh.results
select key, line_item_id, student_id, score_status, score, score_date, letter from accepted;

-- Results lie on their work's due date, and go with work that was deleted, by itself or with its class.
insert into fresh.results
with

work as (
    select
        line_item_id,
        coalesce(item.due_date, was.due_date) as due_date,
        was.class_id is not null and was.class_id not in (select class_id from fresh.classes)
            as is_gone
    from earlier.line_items as was
    full join fresh.line_items as item using (line_item_id)
)

select old.*
from earlier.results as old
left join work using (line_item_id)
where
    result_id not in (select key from accepted)
    and result_id not in (select key from gone)
    and not coalesce(work.is_gone, false)
    and line_item_id not in (select key from deleted where file = 'lineItems')
    and not is_replaced('results', coalesce(work.due_date, old.score_date))
