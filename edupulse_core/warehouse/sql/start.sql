-- For every check: how text becomes a value, and where rejected rows go.

-- The rejected rows of the whole import; the raw line comes last, from the file.
create table refused (
    file text, row_number bigint, sourced_id text, column_name text, reason text, found text
);

-- Values that were not understood and yet reject no row: a note tells of them.
create table doubts (file text, column_name text, n bigint, meaning text);

-- Blanks around text do not count: spaces, tabs, line ends, no-break spaces.
create temp macro bare(t) as trim(t, chr(32) || chr(9) || chr(10) || chr(13) || chr(160));

create temp macro is_blank(t) as coalesce(bare(t), '') = '';

create temp macro as_text(t) as case when not is_blank(t) then t end;

-- Only the letters A to Z have a small form here: other letters are compared exactly. Text of those
-- letters alone takes the quick way.
create temp macro folded(t) as
    case
        when strlen(bare(t)) = length(bare(t)) then lower(bare(t))
        else translate(bare(t), 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')
    end;

-- A listed word as it is spelled in the list; null if it is not there.
create temp macro as_word(t, words) as
    words[list_position(string_split(lower(array_to_string(words, '|')), '|'), folded(t))];

create temp macro is_among(t, words) as as_word(t, words) is not null;

-- The words that a column may hold; roles are those of OneRoster 1.1 and 1.2.
create temp macro roles() as [
    'administrator', 'aide', 'counselor', 'districtAdministrator', 'guardian', 'parent', 'principal',
    'proctor', 'relative', 'siteAdministrator', 'student', 'systemAdministrator', 'teacher'
];

create temp macro class_roles() as ['administrator', 'proctor', 'student', 'teacher'];

create temp macro record_statuses() as ['active', 'inactive', 'tobedeleted'];

create temp macro org_types() as [
    'department', 'school', 'district', 'local', 'state', 'national'
];

create temp macro session_types() as ['gradingPeriod', 'semester', 'schoolYear', 'term'];

create temp macro score_statuses() as [
    'exempt', 'fully graded', 'not submitted', 'partially graded', 'submitted'
];

create temp macro attendance_statuses() as ['absent', 'partial', 'tardy', 'present'];

create temp macro absence_reasons() as ['excused', 'unexcused', 'suspension'];

create temp macro withdrawal_reasons() as ['transfer', 'graduated', 'dropout', 'other'];

create temp macro actions() as [
    'none', 'conference', 'referral', 'detention', 'in_school_suspension',
    'out_of_school_suspension', 'expulsion'
];

create temp macro as_list(t) as
    list_filter(list_transform(string_split(t, ','), lambda x: bare(x)), lambda x: x <> '');

-- The subject that an entry of a list names; null if none is known.
create temp macro subject_word(entry) as
    case
        when regexp_matches(lower(entry), 'computer|consumer') then null
        else case regexp_extract(
            lower(entry), 'math|english|language arts|social stud|social scien|science'
        )
            when 'math' then 'math'
            when 'english' then 'english'
            when 'language arts' then 'english'
            when 'science' then 'science'
            when 'social stud' then 'social_studies'
            when 'social scien' then 'social_studies'
        end
    end;

create temp macro subject_code(entry) as
    case left(entry, 2)
        when '01' then 'english'
        when '02' then 'math'
        when '03' then 'science'
        when '04' then 'social_studies'
    end;

-- What a record's subjects say, else its SCED codes: the first entry that is known.
create temp macro subject_of(subjects, codes) as coalesce(
    list_filter(
        list_transform(as_list(subjects), lambda x: subject_word(x)), lambda x: x is not null
    )[1],
    list_filter(
        list_transform(as_list(codes), lambda x: subject_code(x)), lambda x: x is not null
    )[1]
);

-- A problem is column|reason. It quotes nothing from the file: the value found is added later.
create temp macro not_among(column_name, word, words) as
    column_name || '|unknown ' || word || ': must be one of ' || array_to_string(words, ', ');

-- What is wrong with an identifier or a name wherever it stands; null if nothing is.
create temp macro unfit(column_name, t, longest) as
    case
        when length(t) > longest then column_name || '|longer than ' || longest || ' characters'
        when contains(t, chr(0)) then column_name || '|holds a NUL character'
    end;

create temp macro unfit_id(column_name, t) as unfit(column_name, t, 255);

create temp macro unfit_name(column_name, t) as unfit(column_name, t, 200);

create temp macro unfit_key(t) as
    case when is_blank(t) then 'sourcedId|empty' else unfit_id('sourcedId', t) end;

-- Rows that neither side of the limit on rejected rows counts.
create temp macro is_set_aside(reason) as
    reason in (
        'tobedeleted', 'empty row', 'maximum not over the minimum', 'line item set aside', 'not school'
    );

-- Whether a role holds on the day of the import; as OneRoster defines it, no longer on its endDate.
create temp macro holds(begin_date, end_date) as
    coalesce(begin_date <= getvariable('today'), true)
    and coalesce(end_date > getvariable('today'), true);

create temp macro as_day(t) as
    case
        when regexp_full_match(bare(t), '[0-9]{4}-[0-9]{2}-[0-9]{2}') then try_cast(bare(t) as date)
    end;

create temp macro as_number(t) as
    case
        when regexp_full_match(bare(t), '[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,3})?')
        and isfinite(try_cast(bare(t) as double))
            then try_cast(bare(t) as double)
    end;

create temp macro is_day(t) as as_day(t) is not null;

create temp macro is_number(t) as as_number(t) is not null;

create temp macro as_truth(t) as
    case
        when folded(t) in ('true', 't', 'yes', 'y', '1') then true
        when folded(t) in ('false', 'f', 'no', 'n', '0') then false
    end;

create temp macro is_truth(t) as as_truth(t) is not null;

create temp macro is_deleted(t) as coalesce(folded(t) = 'tobedeleted', false);

-- Whether a row deletes: a delta must name what, a bulk file merely sets the row aside.
create temp macro deletes(status, is_named) as
    is_deleted(status) and (is_named or not getvariable('is_delta'));

-- The times that begin with a session; academicSessions fills it.
create temp table stretches (start_date date, end_date date);

-- The time that each bulk file replaces.
create temp table covered (file text, start_date date, end_date date);

-- Whether a bulk file replaces what stood on a day.
create temp macro is_replaced(source, day) as exists (
    from covered
    where covered.file = source and day >= covered.start_date and day < covered.end_date
);

-- What delta files delete by key, for the gate against loss.
create temp table deleted (file text, key text)
