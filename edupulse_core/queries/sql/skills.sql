-- grain: one row per skill, by subject and title.
select skill_id, title, subject, grade, prerequisites, difficulty, base_hours, content_type
from skills
order by subject nulls last, title, skill_id
