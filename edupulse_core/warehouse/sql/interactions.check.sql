-- grain: one row per record of interactions.csv, an answer, with what is wrong with it.
create or replace table checked as
select
    coalesce(row_number::bigint, rowid + 2) as row_number,
    {student: studentSourcedId, item: itemSourcedId, moment: as_moment(answeredAt)} as key,
    null::date as anchor,
    studentSourcedId as student_id,
    itemSourcedId as item_id,
    as_moment(answeredAt) as moment,
    as_truth(correct) as is_correct,
    as_number(seconds) as seconds,
    as_whole(attempt) as attempt,
    as_whole(hints) as hints,
    case
        when deletes(
            status,
            not is_blank(studentSourcedId) and not is_blank(itemSourcedId)
            and as_moment(answeredAt) is not null
        ) then 'status|tobedeleted'
        when itemSourcedId not in (select item_id from fresh.items)
            then 'itemSourcedId|unknown item'
        else coalesce(
            unfit_student(studentSourcedId),
            unfit_moment('answeredAt', answeredAt),
            case when not is_truth(correct) then 'correct|not 0 or 1' end,
            unfit_amount('seconds', seconds),
            unfit_whole('attempt', attempt),
            unfit_whole('hints', hints)
        )
    end as problem
from raw
