insert into fresh.withdrawals select student_id, anchor, reason from accepted;

insert into fresh.withdrawals
from earlier.withdrawals as old
where
    not exists (from accepted where student_id = old.student_id and anchor = old.date)
    and not exists (from gone where gone.key.student = old.student_id and gone.anchor = old.date)
    and not is_replaced('withdrawals', old.date)
