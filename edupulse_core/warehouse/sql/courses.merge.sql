insert into fresh.courses select key, title, org_id, subject from accepted;

insert into fresh.courses
from earlier.courses
where course_id not in (select key from accepted) and course_id not in (select key from gone)
