insert into fresh.ratings
select student_id, resource_id, moment, rating, minutes, is_completed from accepted
union all
from earlier.ratings as old
anti join accepted
    on accepted.student_id = old.student_id
    and accepted.resource_id = old.resource_id
    and accepted.moment = old.used_at
anti join gone
    on gone.key.student = old.student_id
    and gone.key.resource = old.resource_id
    and gone.key.moment = old.used_at
