insert into fresh.interactions
select student_id, item_id, moment, is_correct, seconds, attempt, hints from accepted
union all
from earlier.interactions as old
anti join accepted
    on accepted.student_id = old.student_id
    and accepted.item_id = old.item_id
    and accepted.moment = old.answered_at
anti join gone
    on gone.key.student = old.student_id
    and gone.key.item = old.item_id
    and gone.key.moment = old.answered_at
