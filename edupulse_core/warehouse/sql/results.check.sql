-- grain: one row per record of results.csv, with what is wrong with it.
create or replace table checked as
with

listed as (   -- a grade that is no number, but a letter of the district's rules
    select raw.rowid as place
    from raw
    join fresh.line_items as item on raw.lineItemSourcedId = item.line_item_id
    left join fresh.users as student on raw.studentSourcedId = student.user_id
    join class_rules
        on class_rules.class_id = item.class_id and class_rules.grade = grade_of(student.grade)
    join letter_rules
        on letter_rules.letters_no = class_rules.letters_no
        and letter_rules.word = folded(raw.score)
    where not is_number(raw.score)
)

select
    coalesce(row_number::bigint, raw.rowid + 2) as row_number,
    sourcedId as key,
    item.due_date as anchor,
    lineItemSourcedId as line_item_id,
    studentSourcedId as student_id,
    as_word(scoreStatus, score_statuses()) as score_status,
    as_number(score) as score,
    as_day(scoreDate) as score_date,
    case
        when is_blank(score) then as_text(textScore)
        when not is_number(score) then score
    end as letter,
    case
        when deletes(status, not is_blank(sourcedId)) then 'status|tobedeleted'
        when unfit_key(sourcedId) is not null then unfit_key(sourcedId)
        when item.line_item_id is null then 'lineItemSourcedId|unknown line item'
        when student.student_id is null then 'studentSourcedId|unknown student'
        when not is_among(scoreStatus, score_statuses())
            then not_among('scoreStatus', 'status', score_statuses())
        when not is_blank(score) and not is_number(score) and listed.place is null
            then 'score|not a number'
        when not is_day(scoreDate)
            and not (is_blank(scoreDate) and as_word(scoreStatus, score_statuses()) in ('exempt', 'not submitted'))
            then 'scoreDate|not a date (yyyy-mm-dd)'
        when as_day(scoreDate) > getvariable('today') then 'scoreDate|after the day of the import'
        when as_number(score) < item.value_min then 'score|score under the minimum'
        when round(as_number(score), 9)
            > round(item.value_max * getvariable('max_score_ratio'), 9)
            then 'score|score too far over the maximum'
    end as problem
from raw
left join fresh.line_items as item on raw.lineItemSourcedId = item.line_item_id
left join students as student on raw.studentSourcedId = student.student_id
left join listed on listed.place = raw.rowid
