-- For the checks of learning records: how their text becomes values, and what is wrong with it.

-- Not there when the users or their roles could not be read: then no student's row is judged.
create temp table if not exists students (student_id text);

-- Prerequisites that are no skills, for a note.
create temp table lost_prerequisites (skill_id text, needs text);

create temp macro skill_subjects() as ['math', 'english', 'science', 'social studies', 'other'];

create temp macro content_types() as ['reading', 'practice', 'video', 'project', 'other'];

create temp macro study_methods() as ['reading', 'practice', 'video', 'group', 'other'];

create temp macro environments() as ['home', 'library', 'school', 'cafe', 'other'];

create temp macro outcomes() as ['admitted', 'denied', 'waitlisted', 'withdrawn'];

create temp macro as_subject(t) as as_word(replace(t, '_', ' '), skill_subjects());

-- A list of identifiers, each once, in the order of the file.
create temp macro as_ids(t) as
    coalesce(list_filter(as_list(t), lambda x, i: list_position(as_list(t), x) = i), []);

-- A date and time in the district's own time zone, where they are unless they name a zone.
create temp macro as_moment(t) as
    case
        when not regexp_matches(
            upper(bare(t)),
            '^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,9})?)?(Z|[-+][0-9]{2}(:?[0-9]{2})?)?$'
        ) then null
        when regexp_matches(upper(bare(t)), ':.*(Z|[-+][0-9]{2}(:?[0-9]{2})?)$')
            then timezone(getvariable('time_zone'), try_cast(upper(bare(t)) as timestamptz))
        else try_cast(upper(bare(t)) as timestamp)
    end;

create temp macro as_whole(t) as
    case
        when as_number(t) = floor(as_number(t)) and abs(as_number(t)) < 1e9
            then as_number(t)::integer
    end;

-- A problem of a column, or null where there is none. An empty value is unknown, which is fine.
create temp macro unfit_moment(column_name, t) as
    case
        when as_moment(t) is null then column_name || '|not a date and time (yyyy-mm-ddThh:mm)'
        when as_moment(t)::date > getvariable('today')
            then column_name || '|after the day of the import'
    end;

-- No model can learn from a number that is larger than the largest amount.
create temp macro unfit_amount(column_name, t) as
    case
        when is_blank(t) then null
        when not is_number(t) then column_name || '|not a number'
        when as_number(t) < 0 then column_name || '|negative'
        when as_number(t) > 1e9 then column_name || '|over 1,000,000,000'
    end;

create temp macro unfit_whole(column_name, t) as
    case
        when is_blank(t) then null
        when as_whole(t) is null then column_name || '|not a whole number'
        when as_whole(t) < 0 then column_name || '|negative'
    end;

create temp macro unfit_range(column_name, t, low, high) as
    case
        when is_blank(t) then null
        when not is_number(t) then column_name || '|not a number'
        when as_number(t) < low or as_number(t) > high
            then column_name || '|not ' || low || ' to ' || high
    end;

create temp macro unfit_truth(column_name, t) as
    case when not is_blank(t) and not is_truth(t) then column_name || '|not 0 or 1' end;

create temp macro unfit_word(column_name, word, t, words) as
    case
        when not is_blank(t) and not is_among(t, words) then not_among(column_name, word, words)
    end;

-- Long text: a field of a file ends at 64 KB.
create temp macro unfit_text(column_name, t) as unfit(column_name, t, 65536);

create temp macro unfit_title(t) as
    case when is_blank(t) then 'title|empty' else unfit_name('title', t) end;

create temp macro unfit_student(t) as
    case
        when t not in (select student_id from students)
            then 'studentSourcedId|unknown student'
    end
