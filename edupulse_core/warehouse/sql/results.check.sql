-- grain: one row per record of results.csv, with what is wrong with it.
create or replace table checked as
select
    coalesce(row_number::bigint, raw.rowid + 2) as row_number,
    sourcedId as key,
    item.due_date as anchor,
    lineItemSourcedId as line_item_id,
    studentSourcedId as student_id,
    as_word(scoreStatus, score_statuses()) as score_status,
    as_number(score) as score,
    as_day(scoreDate) as score_date,
    case
        when deletes(status, not is_blank(sourcedId)) then 'status|tobedeleted'
        when unfit_key(sourcedId) is not null then unfit_key(sourcedId)
        when item.line_item_id is null then 'lineItemSourcedId|unknown line item'
        when student.student_id is null then 'studentSourcedId|unknown student'
        when not is_among(scoreStatus, score_statuses())
            then not_among('scoreStatus', 'status', score_statuses())
        when not is_blank(score) and not is_number(score) then 'score|not a number'
        when not is_day(scoreDate)
            and not (is_blank(scoreDate) and as_word(scoreStatus, score_statuses()) in ('exempt', 'not submitted'))
            then 'scoreDate|not a date (yyyy-mm-dd)'
        when as_day(scoreDate) > getvariable('today') then 'scoreDate|after the day of the import'
        when as_number(score) < item.value_min then 'score|score under the minimum'
        when round(as_number(score), 9)
            > round(item.value_max * getvariable('max_score_ratio'), 9)
            then 'score|score too far over the maximum'
    end as problem
from raw
left join fresh.line_items as item on raw.lineItemSourcedId = item.line_item_id
left join students as student on raw.studentSourcedId = student.student_id
