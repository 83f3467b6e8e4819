-- grain: one row per result whose grade is a word; share is null where no rule lists it.
create or replace temp table lettered as
select results.result_id, letter_rules.share
from results
join line_items using (line_item_id)
left join users on users.user_id = results.student_id
join class_rules
    on class_rules.class_id = line_items.class_id and class_rules.grade = grade_of(users.grade)
left join letter_rules
    on letter_rules.letters_no = class_rules.letters_no
    and letter_rules.word = lower(trim(results.letter))
where results.letter is not null
