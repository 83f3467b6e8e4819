insert into fresh.calendar select org_id, anchor, is_instructional from accepted;

insert into fresh.calendar
from earlier.calendar as old
where
    not exists (from accepted where org_id = old.org_id and anchor = old.date)
    and not exists (from gone where gone.key.org = old.org_id and gone.anchor = old.date)
    and not is_replaced('calendar', old.date)
