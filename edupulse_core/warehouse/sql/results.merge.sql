insert into fresh.results
select key, line_item_id, student_id, score_status, score, score_date, letter from accepted;

insert into fresh.results
select old.*
from earlier.results as old
left join earlier.line_items as item using (line_item_id)
where
    result_id not in (select key from accepted)
    and not exists (
        from covered
        where
            coalesce(old.score_date, item.due_date) >= covered.start_date
            and coalesce(old.score_date, item.due_date) < covered.end_date
    )
