-- Which rules hold where: of the blocks that fit, the first that says anything of a setting. The last
-- block is the district's and fits everywhere.

-- A grade level as it is compared: 3, 03 and " 3" are one.
create or replace temp macro grade_of(t) as
    coalesce(try_cast(trim(t) as integer)::text, upper(trim(coalesce(t, ''))));

create or replace temp table rule_blocks as
select * replace (list_transform(grades, lambda grade: grade_of(grade)) as grades)
from given_blocks;

-- grain: one row per school.
create or replace temp table school_rules as
select
    schools.school_id,
    arg_min(minutes_a_day, no) filter (minutes_a_day is not null) as minutes_a_day,
    arg_min(classes_a_day, no) filter (classes_a_day is not null) as classes_a_day
from (select school_id from school_days union select school_id from classes) as schools
join rule_blocks
    on len(rule_blocks.grades) = 0
    and (len(rule_blocks.schools) = 0 or list_contains(rule_blocks.schools, schools.school_id))
group by schools.school_id;

-- grain: one row per class and grade of a student; the class's own grades count where it has any.
create or replace temp table class_rules as
with

grades as (
    select distinct grade_of(grade) as grade from users
    union
    select ''
),

placed as (
    select
        classes.class_id,
        classes.school_id,
        grades.grade,
        if(
            len(classes.grades) > 0,
            list_transform(classes.grades, lambda own: grade_of(own)),
            [grades.grade]
        ) as class_grades
    from classes
    cross join grades
)

select
    class_id,
    grade,
    arg_min(failing_below, no) filter (failing_below is not null) as failing_below,
    min(no) filter (edges is not null) as points_no,
    min(no) filter (has_letters) as letters_no,
    bool_or(failing_below is not null and not is_default) as is_set   -- by a block of its own
from placed
join rule_blocks
    on (len(rule_blocks.schools) = 0 or list_contains(rule_blocks.schools, placed.school_id))
    and (len(rule_blocks.grades) = 0 or list_has_any(rule_blocks.grades, placed.class_grades))
group by class_id, grade;

-- grain: one row per block with grade points.
create or replace temp table point_rules as
select no as points_no, edges, points from rule_blocks where edges is not null;

-- grain: one row per block and word.
create or replace temp table letter_rules as
select no as letters_no, word, any_value(share) as share from given_letters group by all
