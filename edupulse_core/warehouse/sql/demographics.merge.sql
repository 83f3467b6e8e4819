insert into fresh.demographics
select key, birth_date, sex, race, english_learner, disability, meal_status from accepted;

insert into fresh.demographics
from earlier.demographics
where user_id not in (select key from accepted) and user_id not in (select key from gone)
