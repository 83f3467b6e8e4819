insert into fresh.learners
select key, age, education_level, learning_style, avg_focus_duration from accepted
union all
from earlier.learners
where student_id not in (select key from accepted) and student_id not in (select key from gone)
